#include "trace-replay/import/sacct_rows.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "trace-replay/errors.hpp"
#include "trace-replay/import/slurm_lines.hpp"

namespace wattfill {
namespace {

constexpr std::size_t kExamples = 5;
constexpr auto kNoColumn = static_cast<std::size_t>(-1);
constexpr auto kFieldCount = static_cast<std::size_t>(SacctField::kFields);

// Of words for the same, those that stand earlier here are preferred where a file has both.
constexpr std::pair<std::string_view, SacctField> kColumns[] = {
    {"jobid", SacctField::kJobId},
    {"state", SacctField::kState},
    {"submit", SacctField::kSubmit},
    {"eligible", SacctField::kEligible},
    {"start", SacctField::kStart},
    {"end", SacctField::kEnd},
    {"elapsed", SacctField::kElapsed},
    {"elapsedraw", SacctField::kElapsedRaw},
    {"suspended", SacctField::kSuspended},
    {"timelimit", SacctField::kTimelimit},
    {"timelimitraw", SacctField::kTimelimitRaw},
    {"alloccpus", SacctField::kAllocatedCpus},
    {"ncpus", SacctField::kAllocatedCpus},
    {"reqcpus", SacctField::kRequestedCpus},
    {"nnodes", SacctField::kNodes},
    {"allocnodes", SacctField::kNodes},
    {"nodelist", SacctField::kNodeList},
    {"reqmem", SacctField::kRequestedMemory},
    {"maxrss", SacctField::kMaxRss},
    {"ntasks", SacctField::kTasks},
    {"totalcpu", SacctField::kTotalCpu},
    {"consumedenergy", SacctField::kJoules},
    {"consumedenergyraw", SacctField::kJoulesRaw},
    {"alloctres", SacctField::kAllocatedTres},
    {"priority", SacctField::kPriority},
    {"user", SacctField::kUser},
    {"account", SacctField::kAccount},
    {"jobname", SacctField::kJobName},
    {"qos", SacctField::kQos},
    {"partition", SacctField::kPartition},
};

std::vector<std::string_view> split(std::string_view text, char delimiter) {
  std::vector<std::string_view> parts;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = text.find(delimiter);
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

std::string_view text_of(const Line& line) {
  std::string_view text(line.begin, static_cast<std::size_t>(line.end - line.begin));
  while (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

// What is wrong with a line; becomes an InputError or a count.
struct BadLine {
  std::string what;
};

// The cells of a line, found by field.
class Cells {
 public:
  Cells(const std::vector<std::string>& names, const std::array<std::size_t, kFieldCount>& columns,
        std::vector<std::string_view> cells)
      : names_(names), columns_(columns), cells_(std::move(cells)) {}

  bool has(SacctField field) const { return column(field) != kNoColumn; }
  std::string_view text(SacctField field) const { return has(field) ? cells_[column(field)] : std::string_view{}; }

  // Nothing where nothing is known; a value that is none makes the line a bad one.
  template <class Parse>
  auto value(SacctField field, const char* right, const Parse& parse) const -> decltype(parse(std::string_view{})) {
    const std::string_view cell = text(field);
    if (is_absent(cell)) return std::nullopt;
    auto parsed = parse(cell);
    if (!parsed) fail(field, right);
    return parsed;
  }
  [[noreturn]] void fail(SacctField field, const char* right) const {
    constexpr std::size_t kShown = 60;
    throw BadLine{fmt::format("field {} ({}): \"{}\": {} is expected", column(field) + 1, names_[column(field)],
                              text(field).substr(0, kShown), right)};
  }

 private:
  std::size_t column(SacctField field) const { return columns_[static_cast<std::size_t>(field)]; }
  const std::vector<std::string>& names_;
  const std::array<std::size_t, kFieldCount>& columns_;
  std::vector<std::string_view> cells_;
};

constexpr const char* kWhole = "a whole number (sacct --noconvert prints one)";
constexpr const char* kTime = "YYYY-MM-DDTHH:MM:SS, seconds of the Unix epoch or Unknown";
constexpr const char* kDuration = "[D-]HH:MM:SS";

std::optional<std::int64_t> seconds(const Cells& cells, SacctField field) {
  const auto ms = cells.value(field, kDuration, parse_sacct_duration_ms);
  return ms ? std::optional(*ms / 1000) : std::nullopt;
}

// "cpu=4,mem=8G,node=1,gres/gpu=2,gres/gpu:a100=2": the GPUs of all types together.
std::optional<std::int64_t> gpus_of(std::string_view tres) {
  constexpr std::string_view kGpus = "gres/gpu=";
  for (const std::string_view one : split(tres, ','))
    if (one.starts_with(kGpus)) return parse_count(one.substr(kGpus.size()));
  return 0;
}

void read_limit(const Cells& cells, SacctRow& row) {
  for (const SacctField field : {SacctField::kTimelimitRaw, SacctField::kTimelimit}) {
    const std::string text = lower_case(cells.text(field));
    if (is_absent(text)) continue;
    row.limit = text == "unlimited"         ? SacctLimit::kUnlimited
                : text == "partition_limit" ? SacctLimit::kOfPartition
                                            : SacctLimit::kSeconds;
    if (row.limit != SacctLimit::kSeconds) return;
    constexpr std::int64_t kMinute = 60;
    row.limit_s =
        field == SacctField::kTimelimitRaw
            ? cells.value(field, "minutes, UNLIMITED or Partition_Limit", parse_count).value() * kMinute
            : cells.value(field, "D-HH:MM:SS, UNLIMITED or Partition_Limit", parse_sacct_duration_ms).value() / 1000;
    return;
  }
}

// What steps can add to their job.
void read_measured(const Cells& cells, SacctRow& row) {
  row.tasks = cells.value(SacctField::kTasks, kWhole, parse_count);
  row.nodes = cells.value(SacctField::kNodes, kWhole, parse_count);
  row.max_rss_kb = cells.value(SacctField::kMaxRss, "a size such as 1234K", parse_sacct_rss_kb);
  for (const SacctField field : {SacctField::kJoules, SacctField::kJoulesRaw})
    if (const auto joules = cells.value(field, "joules", parse_sacct_joules)) row.joules = joules;
}

void read_job(const Cells& cells, std::int64_t utc_offset_s, SacctRow& row) {
  const auto time = [&](SacctField field) {
    return cells.value(field, kTime, [&](std::string_view text) { return parse_sacct_time(text, utc_offset_s); });
  };
  row.submit = time(SacctField::kSubmit);
  if (!row.submit) cells.fail(SacctField::kSubmit, kTime);
  row.eligible = time(SacctField::kEligible);
  row.start = time(SacctField::kStart);
  row.end = time(SacctField::kEnd);
  row.elapsed_s = seconds(cells, SacctField::kElapsed);
  if (const auto raw = cells.value(SacctField::kElapsedRaw, "whole seconds", parse_count)) row.elapsed_s = raw;
  row.suspended_s = seconds(cells, SacctField::kSuspended).value_or(0);
  read_limit(cells, row);
  row.allocated_cpus = cells.value(SacctField::kAllocatedCpus, kWhole, parse_count);
  row.requested_cpus = cells.value(SacctField::kRequestedCpus, kWhole, parse_count);
  row.priority = cells.value(SacctField::kPriority, kWhole, parse_whole);
  row.accelerators = cells.value(SacctField::kAllocatedTres, "cpu=4,gres/gpu=2,...", gpus_of);
  if (!is_absent(cells.text(SacctField::kNodeList))) row.node_list = cells.text(SacctField::kNodeList);
  // "?" stands behind memory that was never stored.
  if (!cells.text(SacctField::kRequestedMemory).ends_with('?'))
    row.requested_memory =
        cells.value(SacctField::kRequestedMemory, "a size such as 4Gc, 4Gn or 4G", parse_sacct_memory);
  if (const auto ms = cells.value(SacctField::kTotalCpu, kDuration, parse_sacct_duration_ms))
    row.total_cpu_s = static_cast<double>(*ms) / 1000;
  row.user = cells.text(SacctField::kUser);
  row.account = cells.text(SacctField::kAccount);
  row.name = cells.text(SacctField::kJobName);
  row.qos = cells.text(SacctField::kQos);
  const std::string_view partitions = cells.text(SacctField::kPartition);
  row.partition = partitions.substr(0, partitions.find(','));  // of a job that never started: all that it may use
}

}  // namespace

struct SacctReader::Impl {
  Impl(const std::string& path, const SacctFormat& how) : lines(path), format(how) { read_header(); }
  Impl(const std::string& name, std::string text, const SacctFormat& how) : lines(name, std::move(text)), format(how) {
    read_header();
  }

  void read_header();
  bool next(SacctRow& row);
  void parse(std::string_view text, SacctRow& row) const;
  void refuse(std::int64_t number, const std::string& what);

  LineReader lines;
  SacctFormat format;
  std::string header;
  std::vector<std::string> names;
  std::array<std::size_t, kFieldCount> columns{};
  bool trailing = false;  // --parsable ends each line with the delimiter
  SwfRejects rejects;
  std::int64_t rows = 0;
};

void SacctReader::Impl::read_header() {
  Line line;
  do {
    if (!lines.next(line)) throw InputError(fmt::format("{}: is empty; output of sacct is expected", lines.name()));
  } while (text_of(line).empty());
  header = text_of(line);
  for (const std::string_view name : split(header, format.delimiter)) names.emplace_back(name);
  trailing = names.size() > 1 && names.back().empty();
  if (trailing) names.pop_back();
  columns.fill(kNoColumn);
  for (const auto& [word, field] : kColumns) {
    std::size_t& column = columns[static_cast<std::size_t>(field)];
    for (std::size_t i = 0; i < names.size() && column == kNoColumn; ++i)
      if (lower_case(names[i]) == word) column = i;
  }
  const auto has = [&](SacctField field) { return columns[static_cast<std::size_t>(field)] != kNoColumn; };
  std::string missing;
  const auto need = [&](bool there, const char* what) {
    if (!there) missing += fmt::format("{}{}", missing.empty() ? "" : ", ", what);
  };
  need(has(SacctField::kJobId), "JobID");
  need(has(SacctField::kState), "State");
  need(has(SacctField::kSubmit), "Submit");
  need(has(SacctField::kStart), "Start");
  need(has(SacctField::kEnd) || has(SacctField::kElapsed) || has(SacctField::kElapsedRaw), "End or Elapsed");
  need(has(SacctField::kAllocatedCpus) || has(SacctField::kRequestedCpus), "AllocCPUS, NCPUS or ReqCPUS");
  if (!missing.empty())
    throw InputError(fmt::format(
        "{}:{}: the first line must name sacct's columns, parted by \"{}\", and lacks {}; print them with\n  sacct "
        "--allusers --duplicates --parsable2 --noconvert --format=JobID,State,Submit,Start,End,AllocCPUS,...",
        lines.name(), lines.number(), format.delimiter, missing));
}

bool SacctReader::Impl::next(SacctRow& row) {
  for (Line line; lines.next(line);) {
    const std::string_view text = text_of(line);
    if (text.empty() || text == header) continue;
    ++rows;
    row = {};
    try {
      if (line.overlong) throw BadLine{fmt::format("the line is longer than {} bytes", LineReader::kLongestLine)};
      parse(text, row);
      row.line = lines.number();
      return true;
    } catch (const BadLine& bad) {
      refuse(lines.number(), bad.what);
      row.refused = true;
      if (!row.id.job.empty() && row.id.step.empty()) return true;
    }
  }
  return false;
}

void SacctReader::Impl::parse(std::string_view text, SacctRow& row) const {
  std::vector<std::string_view> parts = split(text, format.delimiter);
  const std::size_t at = columns[static_cast<std::size_t>(SacctField::kJobId)];
  row.id = (at < parts.size() ? parse_sacct_job_id(parts[at]) : std::nullopt).value_or(SacctJobId{});
  if (trailing && parts.size() == names.size() + 1 && parts.back().empty()) parts.pop_back();
  if (parts.size() != names.size())
    throw BadLine{
        fmt::format("has {} fields, the first line {}; where a job's name holds \"{}\", print with another "
                    "sacct --delimiter or without JobName",
                    parts.size(), names.size(), format.delimiter)};
  const Cells cells(names, columns, std::move(parts));
  if (row.id.job.empty()) cells.fail(SacctField::kJobId, "JOB, JOB_TASK, JOB+COMPONENT or one of them with .STEP");
  read_measured(cells, row);
  if (!row.id.step.empty()) return;
  const std::string_view state = cells.text(SacctField::kState);
  row.state = state.substr(0, state.find(' '));
  if (row.state.empty()) cells.fail(SacctField::kState, "a state such as COMPLETED");
  read_job(cells, format.utc_offset_s, row);
}

void SacctReader::Impl::refuse(std::int64_t number, const std::string& what) {
  std::string message = fmt::format("{}:{}: {}", lines.name(), number, what);
  if (format.strictness == SwfStrictness::kStrict) throw InputError(message);
  ++rejects.count;
  if (rejects.examples.size() < kExamples) rejects.examples.push_back(std::move(message));
}

SacctReader::SacctReader(const std::string& path, const SacctFormat& format)
    : impl_(std::make_unique<Impl>(path, format)) {}
SacctReader::SacctReader(const std::string& name, std::string text, const SacctFormat& format)
    : impl_(std::make_unique<Impl>(name, std::move(text), format)) {}
SacctReader::~SacctReader() = default;

bool SacctReader::next(SacctRow& row) { return impl_->next(row); }
void SacctReader::reject(const SacctRow& row, const std::string& what) { impl_->refuse(row.line, what); }
bool SacctReader::has(SacctField field) const { return impl_->columns[static_cast<std::size_t>(field)] != kNoColumn; }
const SwfRejects& SacctReader::rejects() const { return impl_->rejects; }
std::int64_t SacctReader::lines() const { return impl_->rows; }
const std::string& SacctReader::name() const { return impl_->lines.name(); }

}  // namespace wattfill
