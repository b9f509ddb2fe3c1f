// JavaScript errors with a `code`, and the bridge from C++ exceptions to them.
#pragma once

// A worker that is being terminated cannot take an exception any more: drop it then, instead of aborting the process.
#ifndef NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#endif

#include <napi.h>

#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "../score/score_model.hpp"

namespace fast_sde::node {

inline constexpr const char* invalid_option = "ERR_SDE_INVALID_OPTION";
inline constexpr const char* invalid_shape = "ERR_SDE_INVALID_SHAPE";
inline constexpr const char* out_of_memory = "ERR_SDE_OUT_OF_MEMORY";
inline constexpr const char* callback_failed = "ERR_SDE_CALLBACK_FAILED";
inline constexpr const char* internal_error = "ERR_SDE_INTERNAL";

// What a job or a load ended with, where it did not succeed.
struct Failure {
  std::string code;
  std::string message;
};

inline Napi::Error coded_error(Napi::Env env, const std::string& code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

// The failure that the exception being handled stands for; call it in a catch block only.
inline Failure current_failure() {
  try {
    throw;
  } catch (const ScoreError& e) {
    return {e.code, e.what()};
  } catch (const std::bad_alloc&) {
    return {out_of_memory, "not enough memory"};
  } catch (const std::system_error& e) {  // no more threads
    return {out_of_memory, e.what()};
  } catch (const std::exception& e) {
    return {internal_error, e.what()};
  } catch (...) {
    return {internal_error, "unknown exception"};
  }
}

// Runs what JavaScript has called: no C++ exception but Napi::Error may leave it.
template <class Body>
auto guarded(Napi::Env env, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    Failure failure = current_failure();
    throw coded_error(env, failure.code, failure.message);
  }
}

}  // namespace fast_sde::node
