// NativePathOptions (src/native-paths.ts) read into what the path engine takes.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "../equations/program.hpp"
#include "../paths/job.hpp"
#include "../shell/paths/reduce.hpp"
#include "coefficients.hpp"
#include "fields.hpp"

namespace fast_sde::node {

// A job over paths with all that its pointers point into, save the reader's arrays.
struct PathSpec {
  paths::PathJob job;
  int threads = 0;
  std::optional<int> device;  // a CUDA device; none: the CPU
  OutsideSpec outside;

  Program drift, diffusion, milstein, jacobian, domain;
  std::vector<Program> columns;
  std::vector<ProgramView> column_views;
  std::vector<paths::Entry> entries;
  std::vector<paths::MilsteinEntry> milstein_entries;
  std::vector<paths::JacobianEntry> jacobian_entries;
  std::vector<Program> event_functions;
  std::vector<paths::Event> events;
  std::vector<double> saves;
  std::vector<const double*> params;

  // The reader's arrays, a row a path, which outlive the thread. `W` may be null; all of them are where the paths are
  // reduced.
  paths::PathRows rows{};
  std::vector<double> attempts, ended, earlier_W, next;  // of paths that go on
  std::vector<uint8_t> status;
  bool trace = false;  // keeps the end of every accepted step

  // What becomes of paths that are not kept.
  bool reduces = false;
  paths::ReductionSpec reductions;
  std::vector<Program> functions;
  StopRule stop_rule;
};

struct ParsedPaths {
  std::unique_ptr<PathSpec> spec;
  Napi::Array arrays;  // those that spec points into: to be held, and not transferred, until the thread ends
};

// Checks the type of every field and every length that memory safety rests on. Throws ERR_SDE_INVALID_OPTION.
ParsedPaths parse_paths(Napi::Env env, Napi::Value options);

// Reads the equations and the solver alone.
void parse_step(const Fields& fields, PathSpec& spec);

}  // namespace fast_sde::node
