#include "trace-replay/sweep/workload_cache.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>

#include "trace-replay/output/atomic_file.hpp"

namespace wattfill {
namespace {

constexpr std::array<char, 8> kMagic{'w', 'f', 'c', 'a', 'c', 'h', 'e', '2'};

struct Head {
  std::array<char, 8> magic = kMagic;
  std::uint64_t job_bytes = sizeof(TraceJob);
  std::uint64_t jobs = 0;
  std::uint64_t links = 0;
  std::uint64_t cancellations = 0;
  std::uint64_t name_bytes = 0;
  std::uint64_t header_bytes = 0;  // raw lines, each with a newline behind it
  RecipeReport report{};           // a replay depends on it: who was killed at a limit
};

// Padding is written too; its bytes are whatever they are, for nobody compares them.
static_assert(std::is_trivially_copyable_v<TraceJob> && std::is_trivially_copyable_v<JobLink> &&
              std::is_trivially_copyable_v<Head>);

class Mapping {
 public:
  explicit Mapping(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    struct stat status {};
    if (::fstat(file, &status) == 0 && status.st_size > 0) {
      void* at = ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_SHARED, file, 0);
      if (at != MAP_FAILED) bytes_ = {static_cast<const char*>(at), static_cast<std::size_t>(status.st_size)};
    }
    ::close(file);
  }
  ~Mapping() {
    if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

// Takes what comes next from the front of the bytes.
template <class Item>
std::vector<Item> items(std::string_view& bytes, std::uint64_t count) {
  std::vector<Item> all(count);
  if (count > 0) std::memcpy(all.data(), bytes.data(), count * sizeof(Item));
  bytes.remove_prefix(count * sizeof(Item));
  return all;
}

std::optional<Workload> read(const std::string& path) {
  const Mapping mapping(path);
  std::string_view bytes = mapping.bytes();
  Head head;
  if (bytes.size() < sizeof(Head)) return std::nullopt;
  std::memcpy(&head, bytes.data(), sizeof(Head));
  bytes.remove_prefix(sizeof(Head));
  if (head.magic != kMagic || head.job_bytes != sizeof(TraceJob)) return std::nullopt;
  if (bytes.size() != head.jobs * sizeof(TraceJob) + head.links * sizeof(JobLink) +
                          head.cancellations * sizeof(SimTime) + head.name_bytes + head.header_bytes)
    return std::nullopt;
  Workload workload;
  workload.report = head.report;
  workload.jobs = items<TraceJob>(bytes, head.jobs);
  workload.links = items<JobLink>(bytes, head.links);
  workload.cancel_at = items<SimTime>(bytes, head.cancellations);
  workload.name = bytes.substr(0, head.name_bytes);
  bytes.remove_prefix(head.name_bytes);
  std::vector<std::string> lines;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    lines.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
  }
  workload.header = parse_swf_header(std::move(lines));
  return workload;
}

template <class Item>
std::string_view bytes_of(const std::vector<Item>& items) {
  return {reinterpret_cast<const char*>(items.data()), items.size() * sizeof(Item)};
}

void write(const std::string& path, const Workload& workload) {
  std::string header;
  for (const std::string& line : workload.header.raw) (header += line) += '\n';
  Head head;
  head.jobs = workload.jobs.size();
  head.links = workload.links.size();
  head.cancellations = workload.cancel_at.size();
  head.name_bytes = workload.name.size();
  head.header_bytes = header.size();
  head.report = workload.report;
  AtomicFile file(path);
  file.write({reinterpret_cast<const char*>(&head), sizeof(head)});
  file.write(bytes_of(workload.jobs));
  file.write(bytes_of(workload.links));
  file.write(bytes_of(workload.cancel_at));
  file.write(workload.name);
  file.write(header);
  file.commit();
}

}  // namespace

Workload cached_workload(const std::string& path, const std::function<Workload()>& make) {
  if (auto workload = read(path)) return std::move(*workload);
  Workload workload = make();
  write(path, workload);
  return workload;
}

}  // namespace wattfill
