// Typed reading of a JavaScript object's fields; every mismatch throws ERR_SDE_INVALID_OPTION and names the field.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "../contract/words.hpp"
#include "errors.hpp"

namespace fast_sde::node {

// 2^53 − 1: the largest integer that a JavaScript number holds without doubt.
inline constexpr int64_t max_safe_integer = (int64_t{1} << 53) - 1;

double to_number(Napi::Value value, const std::string& name);  // finite
int64_t to_integer(Napi::Value value, const std::string& name, int64_t min, int64_t max = max_safe_integer);
uint64_t to_uint64(Napi::Value value, const std::string& name);  // from a bigint
std::string to_text(Napi::Value value, const std::string& name);

[[noreturn]] void wrong_field(Napi::Env env, const std::string& name, const std::string& expected);

// A typed array of exactly this kind (Napi::Float32Array, …).
template <class Array>
Array as_array(Napi::Value value, const std::string& name, napi_typedarray_type type, const char* expected) {
  bool fits = value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type;
  if (!fits) wrong_field(value.Env(), name, expected);
  return value.As<Array>();
}

// Where that many numbers of a typed array lie.
template <class Array>
auto data_of(Napi::Value value, const std::string& name, napi_typedarray_type type, const char* expected,
             size_t length) {
  auto array = as_array<Array>(value, name, type, expected);
  if (array.ElementLength() != length) wrong_field(value.Env(), name, std::to_string(length) + " numbers");
  return array.Data();
}

class Fields {
 public:
  // `name` stands for the object in messages.
  Fields(Napi::Value value, std::string name);

  bool has(const char* name) const { return !get(name).IsUndefined(); }
  Napi::Value get(const char* name) const { return object_.Get(name); }
  double number(const char* name) const { return to_number(get(name), path(name)); }
  int64_t integer(const char* name, int64_t min, int64_t max = max_safe_integer) const {
    return to_integer(get(name), path(name), min, max);
  }
  uint64_t uint64(const char* name) const { return to_uint64(get(name), path(name)); }
  std::string text(const char* name) const { return to_text(get(name), path(name)); }
  bool boolean(const char* name) const;

  // One of an enum's words (contract/words.hpp).
  template <class Enum>
  Enum choice(const char* name) const {
    std::string word = text(name), expected;
    for (size_t i = 0; i < words<Enum>.size(); ++i) {
      if (word == words<Enum>[i]) return static_cast<Enum>(i);
      expected += (i == 0 ? "" : ", ") + std::string(words<Enum>[i]);
    }
    wrong_field(object_.Env(), path(name), "one of " + expected);
  }

  template <class Array>
  Array array(const char* name, napi_typedarray_type type, const char* expected) const {
    return as_array<Array>(get(name), path(name), type, expected);
  }
  Napi::Float32Array floats(const char* name) const {
    return array<Napi::Float32Array>(name, napi_float32_array, "a Float32Array");
  }
  Napi::Float64Array doubles(const char* name) const {
    return array<Napi::Float64Array>(name, napi_float64_array, "a Float64Array");
  }

  std::string path(const char* name) const { return name_.empty() ? name : name_ + "." + name; }

 private:
  Napi::Object object_;
  std::string name_;
};

template <class Array>
auto copy_of(Array array) {
  return std::vector<typename std::remove_reference_t<decltype(*array.Data())>>(array.Data(),
                                                                                array.Data() + array.ElementLength());
}

}  // namespace fast_sde::node
