// No exception crosses a plugin's border: what is thrown inside becomes a status and a message.
#pragma once

#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>

#include "plugin_abi.h"

namespace fast_sde {

// A failure whose status is known where it is found.
struct StatusError : std::runtime_error {
  fast_sde_status status;
  StatusError(fast_sde_status status_, const std::string& message) : std::runtime_error(message), status(status_) {}
};

struct Report {
  fast_sde_status status;
  std::string message;
};

// What the standard library throws, in its own words.
inline Report plain_report(const std::exception& failure, fast_sde_status otherwise) {
  return {otherwise, failure.what()};
}

// Runs `body`. Failures without a status of their own are `otherwise`, unless `report` of a library that the plugin
// uses knows better. `error` may be null: nobody reads the message then.
template <class Body>
fast_sde_status fenced(fast_sde_error* error, fast_sde_status otherwise, Body body,
                       Report (*report)(const std::exception&, fast_sde_status) = plain_report) noexcept {
  const auto told = [&](fast_sde_status status, const char* message) {
    if (error != nullptr) std::snprintf(error->message, sizeof error->message, "%s", message);
    return status;
  };
  try {
    try {
      body();
      return FAST_SDE_OK;
    } catch (const StatusError& failure) {
      return told(failure.status, failure.what());
    } catch (const std::bad_alloc&) {
      return told(FAST_SDE_OUT_OF_MEMORY, "out of memory");
    } catch (const std::exception& failure) {
      const Report said = report(failure, otherwise);
      return told(said.status, said.message.c_str());
    } catch (...) {
      return told(otherwise, "an exception of unknown type");
    }
  } catch (...) {  // the report itself found no memory
    return told(FAST_SDE_OUT_OF_MEMORY, "out of memory");
  }
}

}  // namespace fast_sde
