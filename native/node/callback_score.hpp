// A score answered in JavaScript.
#pragma once

#include "../score/score_model.hpp"
#include "handover.hpp"

namespace fast_sde::node {

// Serves one job.
class CallbackScore final : public ScoreModel, public Handover<ScoreBatch, float> {
 public:
  using Handover::Handover;

  std::unique_ptr<ScoreSession> open(const SessionOptions&) override;

 private:
  class Session;
};

}  // namespace fast_sde::node
