#include "callback_score.hpp"

#include <algorithm>

#include "failure.hpp"

namespace fast_sde::node {

class CallbackScore::Session final : public ScoreSession {
 public:
  explicit Session(CallbackScore& owner) : owner_(owner) {}
  void evaluate(const ScoreBatch& batch, float* answers) override { owner_.ask(batch, answers); }

 private:
  CallbackScore& owner_;
};

std::unique_ptr<ScoreSession> CallbackScore::open(const SessionOptions&) { return std::make_unique<Session>(*this); }

void CallbackScore::ask(const ScoreBatch& batch, float* answers) {
  std::unique_lock lock(mutex_);
  if (!failed_ && !stopped_) {
    batch_ = &batch;
    answers_ = answers;
    lock.unlock();
    asked_();
    lock.lock();
    changed_.wait(lock, [this] { return batch_ == nullptr || failed_ || stopped_; });
    bool answered = batch_ == nullptr;
    batch_ = nullptr;
    if (answered) return;
  }
  if (failed_) throw Error(error_code::callback_failed, "the score callback failed");
  throw Error(error_code::aborted, "the job was aborted");
}

bool CallbackScore::read(const std::function<void(const ScoreBatch&)>& read) {
  std::lock_guard lock(mutex_);
  if (batch_ == nullptr) return false;
  read(*batch_);
  return true;
}

bool CallbackScore::answer(const float* answers, size_t length, size_t from, size_t to) {
  std::lock_guard lock(mutex_);
  if (batch_ == nullptr) return true;
  size_t needed = static_cast<size_t>(batch_->rows * batch_->elements);
  if (length < needed) return false;
  from = std::min(from, needed);
  const size_t end = std::clamp(to, from, needed);
  std::copy(answers + from, answers + end, answers_ + from);
  if (end < needed) return true;
  batch_ = nullptr;
  changed_.notify_one();
  return true;
}

void CallbackScore::fail() {
  std::lock_guard lock(mutex_);
  failed_ = true;
  changed_.notify_one();
}

void CallbackScore::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_one();
}

}  // namespace fast_sde::node
