// JavaScript errors with a `code`, and the bridge from C++ exceptions to them.
#pragma once

// A worker that is being terminated cannot take an exception any more: drop it then, instead of aborting the process.
#ifndef NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#endif

#include <napi.h>

#include <string>

#include "failure.hpp"

namespace fast_sde::node {

inline Napi::Error coded_error(Napi::Env env, const std::string& code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
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
