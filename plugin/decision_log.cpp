#include "plugin/decision_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "plugin/framing.hpp"

namespace wattfill {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "decisions-";
constexpr std::string_view kSuffix = ".wflog";
constexpr std::uint32_t kFileKib = 65536;
constexpr std::uint32_t kFiles = 16;
constexpr std::size_t kLongestRecord = std::size_t{1} << 30;
constexpr mode_t kMode = 0640;  // users' names and habits are in it

// The number of a log file, 0 for another name.
std::int64_t number_of(const std::string& name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return 0;
  const std::string digits = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
  constexpr std::size_t kMostDigits = 18;
  if (digits.empty() || digits.size() > kMostDigits || digits.find_first_not_of("0123456789") != std::string::npos)
    return 0;
  return std::stoll(digits);
}

std::vector<std::pair<std::int64_t, fs::path>> numbered_files(const fs::path& directory) {
  std::vector<std::pair<std::int64_t, fs::path>> all;
  for (const auto& entry : fs::directory_iterator(directory))
    if (const std::int64_t number = number_of(entry.path().filename().string()); number > 0)
      all.emplace_back(number, entry.path());
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

DecisionLog::DecisionLog(const plugin::Log& config)
    : directory_(config.directory()),
      most_bytes_(std::int64_t{config.has_file_kib() ? config.file_kib() : kFileKib} << 10),
      most_files_(std::max(1U, config.has_files() ? config.files() : kFiles)) {}

void DecisionLog::fail(const std::string& what) {
  file_.reset();
  throw LogError(fmt::format("{}: {}", path_.empty() ? directory_ : path_, what));
}

void DecisionLog::close() {
  if (file_ && records_ <= 1) ::unlink(path_.c_str());
  file_.reset();
  records_ = 0;
}

void DecisionLog::begin(const plugin::Record& opened) {
  close();
  path_.clear();
  try {
    fs::create_directories(directory_);
    const auto files = numbered_files(directory_);
    const std::int64_t number = files.empty() ? 1 : files.back().first + 1;
    path_ = fmt::format("{}/{}{:06}{}", directory_, kPrefix, number, kSuffix);
  } catch (const fs::filesystem_error& error) {
    fail(error.code().message());
  }
  const int descriptor = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode);
  if (descriptor < 0) fail(std::strerror(errno));
  file_.reset(gzdopen(descriptor, "wb3"));
  if (!file_) {
    ::close(descriptor);
    fail("out of memory");
  }
  try {
    append(opened);
    flush();
    begin_bytes_ = gzoffset(file_.get());
  } catch (const LogError&) {
    ::unlink(path_.c_str());
    throw;
  }
  remove_oldest();
}

void DecisionLog::remove_oldest() const {
  try {
    const auto files = numbered_files(directory_);
    for (std::size_t i = 0; i + most_files_ < files.size(); ++i) fs::remove(files[i].second);
  } catch (const fs::filesystem_error&) {
    return;  // the next new file is another chance
  }
}

void DecisionLog::append(const plugin::Record& record) {
  scratch_.clear();
  append_varint(record.ByteSizeLong(), scratch_);
  record.AppendToString(&scratch_);
  if (gzwrite(file_.get(), scratch_.data(), static_cast<unsigned>(scratch_.size())) !=
      static_cast<int>(scratch_.size()))
    fail(fmt::format("cannot be written: {}", std::strerror(errno)));
  ++records_;
}

void DecisionLog::flush() {
  if (gzflush(file_.get(), Z_SYNC_FLUSH) != Z_OK) fail(fmt::format("cannot be written: {}", std::strerror(errno)));
}

std::vector<std::string> log_files(const std::string& file_or_directory) {
  std::error_code ignored;
  if (!fs::is_directory(file_or_directory, ignored)) return {file_or_directory};
  std::vector<std::string> files;
  for (const auto& [number, path] : numbered_files(file_or_directory)) files.push_back(path.string());
  if (files.empty())
    throw LogError(fmt::format("{}: holds no decision log ({}NUMBER{})", file_or_directory, kPrefix, kSuffix));
  return files;
}

LogReader::LogReader(const std::string& path)
    : path_(path), file_(gzopen(path.c_str(), "rb"), [](gzFile file) { gzclose(file); }) {
  if (!file_) throw LogError(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
}

// False where the file ends before so many bytes.
bool LogReader::read(char* to, std::size_t size) {
  const int got = gzread(file_.get(), to, static_cast<unsigned>(size));
  int error = Z_OK;
  const char* message = gzerror(file_.get(), &error);
  // Z_BUF_ERROR: the compressed data end early, as they do where the writer was killed.
  unended_ = error == Z_BUF_ERROR;
  if (got < 0 && !unended_) throw LogError(fmt::format("{}: record {}: {}", path_, records_ + 1, message));
  return got == static_cast<int>(size);
}

bool LogReader::next(plugin::Record& record) {
  std::uint64_t size = 0;
  constexpr int kLongestVarint = 64;
  for (int shift = 0;; shift += 7) {
    char byte = 0;
    if (!read(&byte, 1)) {
      truncated_ = shift > 0 || unended_;
      return false;
    }
    size |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) break;
    if (shift + 7 >= kLongestVarint) throw LogError(fmt::format("{}: record {}: no length", path_, records_ + 1));
  }
  if (size > kLongestRecord)
    throw LogError(fmt::format("{}: record {}: {} bytes; it is no decision log", path_, records_ + 1, size));
  scratch_.resize(size);
  if (!read(scratch_.data(), size)) {
    truncated_ = true;
    return false;
  }
  if (!record.ParseFromString(scratch_))
    throw LogError(fmt::format("{}: record {}: not understood", path_, records_ + 1));
  ++records_;
  return true;
}

}  // namespace wattfill
