// libFuzzer: whatever text the reader of sacct's output is given, it gives jobs that become a trace and a sidecar which
// are read back equal, or an InputError that names the file; and so does the reader of sidecars.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>

#include "trace-replay/errors.hpp"
#include "trace-replay/import/sacct_trace.hpp"
#include "trace-replay/swf/swf_writer.hpp"

namespace {

using namespace wattfill;

// Unlike assert() it stays in a release build.
void require(bool condition) {
  if (!condition) std::abort();
}

void check_counts(const SacctJobs& jobs) {
  const SacctReport& r = jobs.report;
  require(r.lines == r.jobs + r.steps + r.rejected);
  require(r.jobs == r.ran + r.cancelled_waiting + r.left_pending + r.left_running + r.left_never_eligible +
                        r.left_failed_waiting + r.left_twice);
  require(r.ran + r.cancelled_waiting == static_cast<std::int64_t>(jobs.runs.size()));
  require(!describe_sacct(jobs).empty());
}

// Nodes beyond that are no error, but take their time.
bool few_nodes(const SacctJobs& jobs) {
  std::int64_t nodes = 0;
  for (const SacctRun& run : jobs.runs) nodes += run.nodes;
  return nodes < 100'000 && jobs.running.empty();
}

void check_files(const SacctJobs& jobs) {
  const SacctNumbers numbers = plain_numbers(jobs, {});
  const SacctTrace trace = sacct_trace(jobs, numbers, {0, 2});
  std::ostringstream out;
  write_swf_header(out, trace.header);
  std::string text = out.str();
  for (const SwfRecord& record : trace.records) append_swf_record(text, record);
  SwfReader reader("written", text, SwfStrictness::kStrict);
  SwfRecord record;
  for (const SwfRecord& written : trace.records) require(reader.next(record) && record == written);
  require(!reader.next(record));
  if (!few_nodes(jobs)) return;
  const std::vector<JobEnergy> sidecar = sacct_sidecar(jobs, numbers, {});
  require(parse_job_energy("written", job_energy_csv(sidecar)) == sidecar);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const SwfStrictness strictness : {SwfStrictness::kStrict, SwfStrictness::kLenient}) {
    SacctOptions options;
    options.format.strictness = strictness;
    try {
      SacctReader reader("input", text, options.format);
      const SacctJobs jobs = read_sacct(reader, options);
      check_counts(jobs);
      check_files(jobs);
    } catch (const InputError& error) {
      require(std::string_view(error.what()).starts_with("input:"));
    }
  }
  try {
    const std::vector<JobEnergy> jobs = parse_job_energy("input", text);
    require(parse_job_energy("written", job_energy_csv(jobs)) == jobs);
  } catch (const InputError& error) {
    require(std::string_view(error.what()).starts_with("input:"));
  }
  return 0;
}
