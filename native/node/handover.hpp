// A question from an engine's thread to JavaScript, and the answer: the engine waits meanwhile. Knows no JavaScript.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>

#include "../contract/error.hpp"

namespace fast_sde::node {

// Serves one job. Everything but ask() may be called on any thread but the engine's.
template <class Question, class Number>
class Handover {
 public:
  // `asked`: called on the engine's thread whenever a question waits.
  explicit Handover(std::function<void()> asked) : asked_(std::move(asked)) {}

  // Returns with `size` answers. Throws ERR_SDE_CALLBACK_FAILED after fail(), ERR_SDE_ABORTED after stop().
  void ask(const Question& question, Number* answers, size_t size) {
    std::unique_lock lock(mutex_);
    if (!failed_ && !stopped_) {
      question_ = &question;
      answers_ = answers;
      size_ = size;
      lock.unlock();
      asked_();
      lock.lock();
      changed_.wait(lock, [this] { return question_ == nullptr || failed_ || stopped_; });
      const bool answered = question_ == nullptr;
      question_ = nullptr;
      if (answered) return;
    }
    if (failed_) throw Error(error_code::callback_failed, "the callback failed");
    throw Error(error_code::aborted, "the job was aborted");
  }

  // Calls `read` on the waiting question, under the lock. False where none waits.
  template <class Read>
  bool read(Read read) {
    std::lock_guard lock(mutex_);
    if (question_ == nullptr) return false;
    read(*question_);
    return true;
  }

  // Copies numbers `from` to `to` of the answers, of which there are `length`; with the last of them the engine goes
  // on. Does nothing where no question waits (a late answer). False where there are not enough.
  bool answer(const Number* answers, size_t length, size_t from, size_t to) {
    std::lock_guard lock(mutex_);
    if (question_ == nullptr) return true;
    if (length < size_) return false;
    from = std::min(from, size_);
    const size_t end = std::clamp(to, from, size_);
    std::copy(answers + from, answers + end, answers_ + from);
    if (end < size_) return true;
    question_ = nullptr;
    changed_.notify_one();
    return true;
  }

  // End the job: the waiting question, or the next one, throws.
  void fail() {
    std::lock_guard lock(mutex_);
    failed_ = true;
    changed_.notify_one();
  }
  void stop() {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_one();
  }

 private:
  const std::function<void()> asked_;
  std::mutex mutex_;
  std::condition_variable changed_;
  const Question* question_ = nullptr;  // not null while the engine waits: its memory is then good
  Number* answers_ = nullptr;
  size_t size_ = 0;
  bool failed_ = false;
  bool stopped_ = false;
};

}  // namespace fast_sde::node
