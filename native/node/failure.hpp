// C++ exceptions as codes of src/errors.ts. Knows no JavaScript.
#pragma once

#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

#include "../contract/error.hpp"

namespace fast_sde::node {

// What a call, a load or a job ended with, where it did not succeed.
struct Failure {
  std::string code;
  std::string message;
};

// The failure that the exception being handled stands for; call it in a catch block only.
inline Failure current_failure() {
  try {
    throw;
  } catch (const Error& e) {
    return {e.code, e.what()};
  } catch (const std::bad_alloc&) {
    return {error_code::out_of_memory, "not enough memory"};
  } catch (const std::length_error&) {  // a vector longer than any memory
    return {error_code::out_of_memory, "not enough memory"};
  } catch (const std::system_error& e) {  // no more threads
    return {error_code::out_of_memory, e.what()};
  } catch (const std::exception& e) {
    return {error_code::internal, e.what()};
  } catch (...) {
    return {error_code::internal, "unknown exception"};
  }
}

}  // namespace fast_sde::node
