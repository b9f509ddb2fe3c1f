// A score answered in JavaScript: the engine's thread asks and waits, the JavaScript thread answers.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>

#include "../score/score_model.hpp"

namespace fast_sde::node {

// Serves one job. Everything but open() and its session may be called on any thread but the engine's.
class CallbackScore final : public ScoreModel {
 public:
  explicit CallbackScore(std::function<void()> asked) : asked_(std::move(asked)) {}

  std::unique_ptr<ScoreSession> open(const SessionOptions&) override;

  // Calls `read` on the waiting batch, under the lock. False where none waits.
  bool read(const std::function<void(const ScoreBatch&)>& read);

  // Copies numbers `from` to `to` of [rows, elements] answers, of which there are `length`; with the last of them the
  // engine goes on. Does nothing where no question waits (a late answer). False where there are not enough.
  bool answer(const float* answers, size_t length, size_t from = 0, size_t to = SIZE_MAX);

  // Ends the job: the waiting question, or the next one, throws ERR_SDE_CALLBACK_FAILED or, after stop(),
  // ERR_SDE_ABORTED.
  void fail();
  void stop();

 private:
  class Session;
  void ask(const ScoreBatch& batch, float* answers);

  const std::function<void()> asked_;
  std::mutex mutex_;
  std::condition_variable changed_;
  const ScoreBatch* batch_ = nullptr;  // not null while the engine waits: its memory is then good
  float* answers_ = nullptr;
  bool failed_ = false;
  bool stopped_ = false;
};

}  // namespace fast_sde::node
