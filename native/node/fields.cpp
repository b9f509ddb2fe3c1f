#include "fields.hpp"

#include <cmath>

namespace fast_sde::node {

void wrong_field(Napi::Env env, const std::string& name, const std::string& expected) {
  throw coded_error(env, error_code::invalid_option, name + ": expected " + expected);
}

double to_number(Napi::Value value, const std::string& name) {
  double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
  if (!std::isfinite(number)) wrong_field(value.Env(), name, "a finite number");
  return number;
}

int64_t to_integer(Napi::Value value, const std::string& name, int64_t min, int64_t max) {
  double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
  bool fits = std::trunc(number) == number && number >= static_cast<double>(min) && number <= static_cast<double>(max);
  if (!fits) wrong_field(value.Env(), name, "an integer in " + std::to_string(min) + " … " + std::to_string(max));
  return static_cast<int64_t>(number);
}

uint64_t to_uint64(Napi::Value value, const std::string& name) {
  bool lossless = false;
  uint64_t number = value.IsBigInt() ? value.As<Napi::BigInt>().Uint64Value(&lossless) : 0;
  if (!lossless) wrong_field(value.Env(), name, "a bigint in 0 … 2^64 − 1");
  return number;
}

std::string to_text(Napi::Value value, const std::string& name) {
  if (!value.IsString()) wrong_field(value.Env(), name, "a string");
  return value.As<Napi::String>().Utf8Value();
}

Fields::Fields(Napi::Value value, std::string name) : name_(std::move(name)) {
  if (!value.IsObject()) wrong_field(value.Env(), name_.empty() ? "options" : name_, "an object");
  object_ = value.As<Napi::Object>();
}

bool Fields::boolean(const char* name) const {
  Napi::Value value = get(name);
  if (!value.IsBoolean()) wrong_field(object_.Env(), path(name), "a boolean");
  return value.As<Napi::Boolean>().Value();
}

}  // namespace fast_sde::node
