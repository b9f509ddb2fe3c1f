// C++ exceptions as codes of src/errors.ts. Knows no JavaScript.
#pragma once

#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

#include "../score/score_model.hpp"

namespace fast_sde::node {

inline constexpr const char* invalid_option = "ERR_SDE_INVALID_OPTION";
inline constexpr const char* invalid_shape = "ERR_SDE_INVALID_SHAPE";
inline constexpr const char* out_of_memory = "ERR_SDE_OUT_OF_MEMORY";
inline constexpr const char* callback_failed = "ERR_SDE_CALLBACK_FAILED";
inline constexpr const char* aborted = "ERR_SDE_ABORTED";
inline constexpr const char* internal_error = "ERR_SDE_INTERNAL";  // a defect of ours

// What a call, a load or a job ended with, where it did not succeed.
struct Failure {
  std::string code;
  std::string message;
};

// The failure that the exception being handled stands for; call it in a catch block only.
inline Failure current_failure() {
  try {
    throw;
  } catch (const ScoreError& e) {
    return {e.code, e.what()};
  } catch (const std::bad_alloc&) {
    return {out_of_memory, "not enough memory"};
  } catch (const std::length_error&) {  // a vector longer than any memory
    return {out_of_memory, "not enough memory"};
  } catch (const std::system_error& e) {  // no more threads
    return {out_of_memory, e.what()};
  } catch (const std::exception& e) {
    return {internal_error, e.what()};
  } catch (...) {
    return {internal_error, "unknown exception"};
  }
}

}  // namespace fast_sde::node
