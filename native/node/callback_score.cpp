#include "callback_score.hpp"

namespace fast_sde::node {

class CallbackScore::Session final : public ScoreSession {
 public:
  explicit Session(CallbackScore& owner) : owner_(owner) {}
  void evaluate(const ScoreBatch& batch, float* answers) override {
    owner_.ask(batch, answers, static_cast<size_t>(batch.rows * batch.elements));
  }

 private:
  CallbackScore& owner_;
};

std::unique_ptr<ScoreSession> CallbackScore::open(const SessionOptions&) { return std::make_unique<Session>(*this); }

}  // namespace fast_sde::node
