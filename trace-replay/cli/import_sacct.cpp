// trace-replay import sacct: a site's accounting as a trace, with a sidecar of nodes and energy.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>

#include "backfill/config/named_file.hpp"
#include "trace-replay/cli/commands.hpp"
#include "trace-replay/errors.hpp"
#include "trace-replay/import/pseudonyms.hpp"
#include "trace-replay/import/sacct_trace.hpp"
#include "trace-replay/import/slurm_conf.hpp"
#include "trace-replay/output/atomic_file.hpp"
#include "trace-replay/swf/swf_writer.hpp"

namespace wattfill::cli {
namespace {

constexpr const char* kFooter = R"(
FILE is what sacct prints with --parsable2 (or --parsable), columns in any order. Needed are JobID, State, Submit, Start,
End or Elapsed, and AllocCPUS. All that is read:
  TZ=UTC sacct --allusers --duplicates --parsable2 --noconvert -S 2025-01-01 -E 2026-01-01 --format=JobID,State,\
  Submit,Eligible,Start,End,Elapsed,Suspended,Timelimit,AllocCPUS,ReqCPUS,NNodes,NodeList,ReqMem,MaxRSS,NTasks,\
  TotalCPU,ConsumedEnergyRaw,AllocTRES,Priority,User,Account,QOS,Partition,JobName
Times are local; TZ=UTC as above, SLURM_TIME_FORMAT=%s, or --utc-offset says which. A requeued job gives a line for each
of its runs (--duplicates), a task of an array and a component of a heterogeneous job one of its own. Jobs that have not
ended are left out. Every line is counted by what became of it, on standard error.

Users, accounts and job names become numbers by a keyed hash (HMAC-SHA256): the same key gives the same numbers, and who
lacks it cannot turn them back. QOS, partitions and node names are the machine's and stay.

Examples:
  trace-replay import sacct sacct.txt.gz --output mine.swf.gz --sidecar mine-energy.csv --energy-type ipmi
  trace-replay import sacct sacct.txt --output mine.swf --slurm-conf /etc/slurm/slurm.conf --threads-per-core 2)";

struct SacctArguments {
  std::string file;
  std::string output = "-";
  std::string sidecar;
  std::string names;
  std::string key_file;
  std::string slurm_conf;
  std::string delimiter = "|";
  std::string utc_offset = "+00:00";
  std::string arrival = "eligible";
  std::string default_limit;
  std::string energy_type = "unknown";
  double possible_watts = SidecarOptions{}.possible_watts;
  std::int64_t threads_per_core = 1;
  bool plain_users = false;
  bool lenient = false;
  bool quiet = false;
};

SacctOptions options_of(const SacctArguments& arguments) {
  SacctOptions options;
  if (arguments.delimiter.size() != 1) throw UsageError("--delimiter: one character is expected");
  options.format.delimiter = arguments.delimiter.front();
  const auto offset = parse_utc_offset(arguments.utc_offset);
  if (!offset) throw UsageError(fmt::format("--utc-offset {}: +HH:MM or -HH:MM is expected", arguments.utc_offset));
  options.format.utc_offset_s = *offset;
  options.format.strictness = arguments.lenient ? SwfStrictness::kLenient : SwfStrictness::kStrict;
  options.from_eligible = arguments.arrival == "eligible";
  if (arguments.default_limit.empty()) return options;
  const auto limit = parse_sacct_duration_ms(arguments.default_limit);
  if (!limit || *limit < 1000)
    throw UsageError(fmt::format("--default-limit {}: [D-]HH:MM:SS is expected", arguments.default_limit));
  options.unlimited_s = *limit / 1000;
  return options;
}

std::vector<std::string> partitions_of(const std::string& slurm_conf) {
  std::vector<std::string> names;
  if (slurm_conf.empty()) return names;
  for (const SlurmPartition& partition : read_slurm_conf(read_named_file(slurm_conf), slurm_conf).partitions)
    names.push_back(partition.name);
  return names;
}

SacctNumbers numbers_of(const SacctJobs& jobs, const SacctArguments& arguments) {
  const std::vector<std::string> partitions = partitions_of(arguments.slurm_conf);
  if (arguments.plain_users) return plain_numbers(jobs, partitions);
  const std::string path = arguments.key_file.empty() ? default_key_path() : arguments.key_file;
  if (path.empty()) throw UsageError("no home to keep a key in; say --key-file FILE or --plain-users");
  const KeyFile key = read_or_make_key(path);
  if (key.made) fmt::print(stderr, "{}: a new key; keep it, it is needed for the same numbers again\n", path);
  return hashed_numbers(jobs, partitions, key.key);
}

void write(const std::string& path, const std::string& text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

void tell_sidecar(const std::vector<JobEnergy>& sidecar) {
  std::array<std::int64_t, static_cast<std::size_t>(JoulesValidity::kModelled) + 1> counts{};
  for (const JobEnergy& job : sidecar) ++counts[static_cast<std::size_t>(job.validity)];
  fmt::print(stderr, "energy of {} jobs with nodes or joules\n", sidecar.size());
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0) fmt::print(stderr, "  {:>9} {}\n", counts[i], name(static_cast<JoulesValidity>(i)));
}

void import_sacct(const SacctArguments& arguments) {
  const SacctOptions options = options_of(arguments);
  SacctReader reader(arguments.file, options.format);
  const SacctJobs jobs = read_sacct(reader, options);
  const SacctNumbers numbers = numbers_of(jobs, arguments);
  const SacctTrace trace = sacct_trace(jobs, numbers, {options.format.utc_offset_s, arguments.threads_per_core});
  std::ostringstream header;
  write_swf_header(header, trace.header);
  std::string text = header.str();
  for (const SwfRecord& record : trace.records) append_swf_record(text, record);
  write(arguments.output, text);
  if (!arguments.quiet) fmt::print(stderr, "{}", describe_sacct(jobs));
  if (!arguments.names.empty()) write(arguments.names, sacct_names_csv(jobs, numbers, arguments.plain_users));
  if (arguments.sidecar.empty()) return;
  const auto* const domain = std::find_if(std::begin(kEnergyDomains), std::end(kEnergyDomains),
                                          [&](const EnergyDomain& d) { return d.type == arguments.energy_type; });
  const auto sidecar = sacct_sidecar(jobs, numbers, {*domain, arguments.possible_watts, arguments.threads_per_core});
  write(arguments.sidecar, job_energy_csv(sidecar));
  if (!arguments.quiet) tell_sidecar(sidecar);
}

}  // namespace

void add_sacct_import(CLI::App& import) {
  CLI::App* command = import.add_subcommand("sacct", "A site's accounting, as a trace with nodes and energy");
  const auto a = std::make_shared<SacctArguments>();
  command->add_option("file", a->file, "Output of sacct --parsable2, plain or .gz; - for standard input")->required();
  command
      ->add_option("-o,--output", a->output, "Trace to write (SWF), compressed if it ends in .gz; - is standard output")
      ->option_text("FILE [-]");
  command->add_option("--sidecar", a->sidecar, "CSV file to write, with nodes and energy of each job")
      ->option_text("FILE");
  command
      ->add_option("--names", a->names,
                   "CSV file to write: which number is which QOS and partition, with "
                   "--plain-users also user, account and job name")
      ->option_text("FILE");
  CLI::Option* key = command->add_option(
      "--key-file", a->key_file,
      "Key of the hash, made (mode 0600) where it is not there; else pseudonyms.key in ~/.config/wattfill");
  command->add_flag("--plain-users", a->plain_users, "Number users, accounts and job names in order of appearance")
      ->excludes(key);
  command->add_option("--slurm-conf", a->slurm_conf, "Number the partitions as import slurm-conf does")
      ->option_text("FILE");
  command->add_option("--threads-per-core", a->threads_per_core, "CPUs of sacct that make a processor")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  command->add_option("--arrival", a->arrival, "What a job's submission is: eligible, or submit")
      ->check(CLI::IsMember({"eligible", "submit"}))
      ->capture_default_str();
  command->add_option("--default-limit", a->default_limit, "Requested time of jobs without a limit, [D-]HH:MM:SS");
  command->add_option("--utc-offset", a->utc_offset, "Of local times, ahead of UTC")->capture_default_str();
  command->add_option("--delimiter", a->delimiter, "As given to sacct --delimiter")->capture_default_str();
  std::vector<std::string> types;
  for (const EnergyDomain& domain : kEnergyDomains) types.emplace_back(domain.type);
  command->add_option("--energy-type", a->energy_type, "AcctGatherEnergyType of the site: what its joules cover")
      ->check(CLI::IsMember(types))
      ->capture_default_str();
  command->add_option("--possible-watts", a->possible_watts, "More than any node draws; larger joules are rejected")
      ->check(CLI::Range(1.0, 1e6))
      ->capture_default_str();
  command->add_flag("--lenient", a->lenient, "Count bad lines and go on, instead of stopping at the first");
  command->add_flag("-q,--quiet", a->quiet, "No counts");
  command->footer(kFooter);
  command->callback([a] { import_sacct(*a); });
}

}  // namespace wattfill::cli
