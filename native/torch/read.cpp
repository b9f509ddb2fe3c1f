#include "read.hpp"

#include <caffe2/serialize/inline_container.h>

#include <memory>
#include <string>

#include "../container/torchscript.hpp"
#include "bytes.hpp"
#include "failure.hpp"

namespace fast_sde {
namespace {

const char* const kHowToSave = "save it with torch.jit.script(module.eval()).save(path) or torch.jit.trace";

// Unpacks records by LibTorch's own reader, which is made when the first one is asked for: not before the archive's
// structure has been found sound.
class Unpacker {
 public:
  explicit Unpacker(std::shared_ptr<Bytes> bytes) : bytes_(std::move(bytes)) {}

  std::string operator()(const Record& record) {
    try {
      if (reader_ == nullptr) reader_ = std::make_shared<caffe2::serialize::PyTorchStreamReader>(bytes_);
      const auto [data, size] = reader_->getRecord(record.name.substr(record.name.find('/') + 1));
      return std::string(static_cast<const char*>(data.get()), size);
    } catch (const c10::Error& error) {
      if (is_out_of_memory(error.what_without_backtrace())) throw;
      throw Damage("record " + record.name + " cannot be unpacked");
    }
  }

 private:
  std::shared_ptr<Bytes> bytes_;
  std::shared_ptr<caffe2::serialize::PyTorchStreamReader> reader_;
};

void check(std::string_view file, const std::shared_ptr<Bytes>& bytes) {
  const std::vector<Record> records = read_archive(file);
  check_torchscript(file, records, Unpacker(bytes));
}

}  // namespace

torch::jit::Module read_module(const fast_sde_model_options& options, at::Device device) {
  const std::string_view file(static_cast<const char*>(options.bytes), options.size);
  const auto refused = [&](const std::string& why) {
    return StatusError(FAST_SDE_MODEL_INVALID, std::string(options.path) + " is " + why);
  };
  const std::string unlike = std::string("not a TorchScript file (") + kHowToSave + ")";
  if (file.substr(0, 4) != "PK\3\4") throw refused(unlike);
  auto bytes = std::make_shared<Bytes>(options.bytes, options.size);
  try {
    check(file, bytes);
    torch::jit::Module module = torch::jit::load(std::move(bytes), device);
    module.eval();
    return module;
  } catch (const Damage& damage) {
    throw refused(std::string("damaged: ") + damage.what());
  } catch (const c10::Error& error) {
    if (is_out_of_memory(error.what_without_backtrace())) throw;
    throw refused(unlike + ": " + error.what_without_backtrace());
  }
}

}  // namespace fast_sde
