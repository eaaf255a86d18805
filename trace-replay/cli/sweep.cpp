// trace-replay sweep: a grid of experiments, on one process or on all that mpirun starts.
#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>

#include "backfill/config/config.hpp"
#include "backfill/config/named_file.hpp"
#include "trace-replay/cli/commands.hpp"
#include "trace-replay/cli/failure.hpp"
#include "trace-replay/cli/progress.hpp"
#include "trace-replay/cli/sweep_cells.hpp"
#include "trace-replay/output/atomic_file.hpp"
#include "trace-replay/report/report.hpp"
#include "trace-replay/sweep/analysis.hpp"
#include "trace-replay/sweep/cell_file.hpp"
#include "trace-replay/sweep/ranks.hpp"
#include "trace-replay/sweep/results.hpp"

namespace wattfill::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct SweepOptions {
  std::string file;
  std::string output;
  bool quiet = false;
  bool json = false;
  bool report = true;
};

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

// Cells that have ended and an estimate of the time left over all ranks: one line that is drawn anew on a terminal, a
// line now and then under mpirun, which shows a pipe to every rank.
class SweepProgress {
 public:
  SweepProgress(const CellQueue& queue, int ranks, bool quiet)
      : queue_(queue),
        ranks_(ranks),
        terminal_(isatty(STDERR_FILENO) != 0),
        shown_(!quiet && (terminal_ || ranks > 1)),
        next_(Clock::now() + (terminal_ ? kRedraw : kLine)) {}
  ~SweepProgress() {
    if (drawn_) fmt::print(stderr, "\r\033[K");
  }
  SweepProgress(const SweepProgress&) = delete;
  SweepProgress& operator=(const SweepProgress&) = delete;

  void tell(std::size_t failed) {
    if (!shown_ || Clock::now() < next_) return;
    next_ = Clock::now() + (terminal_ ? kRedraw : kLine);
    fmt::print(stderr, "{}sweep: {} of {} cells{}, about {:.0f} s left on {} rank{}{}", terminal_ ? "\r\033[K" : "",
               queue_.ended(), queue_.cells(), failed > 0 ? fmt::format(", {} failed", failed) : "",
               queue_.expected_left() / ranks_, ranks_, ranks_ > 1 ? "s" : "", terminal_ ? "" : "\n");
    std::fflush(stderr);
    drawn_ = terminal_;
  }

 private:
  static constexpr std::chrono::seconds kRedraw{1};
  static constexpr std::chrono::seconds kLine{10};

  const CellQueue& queue_;
  int ranks_;
  bool terminal_;
  bool shown_;
  bool drawn_ = false;
  Clock::time_point next_;
};

// Held while a sweep writes into its directory, and let go of by the system when the process ends in whatever way.
class DirectoryLock {
 public:
  explicit DirectoryLock(const std::string& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (descriptor_ < 0 || ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
    ::close(descriptor_);
    throw OutputError(path + ": another sweep writes there");
  }
  ~DirectoryLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int descriptor_;
};

// What a killed process left: files that had not got their names.
void remove_unfinished(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".tmp") fs::remove(entry.path(), ignored);
}

// Cells without a file that holds figures; a cell that failed is tried again.
void fill(CellQueue& queue, SweepCells& cells) {
  for (std::size_t cell = 0; cell < cells.cells().size(); ++cell) {
    const auto content = read_cell(cells.path(cell), cells.place(cell));
    if (!content || content->contains("error")) cells.enqueue(cell, queue);
  }
}

CellEnd finish(SweepCells& cells, std::size_t cell) {
  check_interrupt();
  const auto begin = Clock::now();
  const auto content = cells.replay(cell);
  write_cell(cells.path(cell), content);
  return {seconds_since(begin), content.contains("error")};
}

void write_text(const std::string& path, const std::string& text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

void print_results(const CellResults& results, const SweepClaims& said, const nlohmann::ordered_json& anova) {
  fmt::print("{}\n", sweep_table(results));
  for (const Claim& claim : said.claims) fmt::print("{}\n", claim.text);
  for (const std::string& left_out : said.left_out) fmt::print("left out of this: {}\n", left_out);
  if (!anova.contains("effects")) return;
  fmt::print("explained of the spread of {}:", anova["of"].get<std::string>());
  for (const auto& effect : anova["effects"])
    fmt::print(" {} {:.1f} %;", effect["factor"].get<std::string>(), 100 * effect["eta_squared"].get<double>());
  fmt::print(" the rest is what factors do together\n");
}

// Returns how many cells failed.
std::size_t conclude(SweepCells& cells, const SweepOptions& options) {
  CellResults results;
  std::size_t failed = 0;
  for (std::size_t cell = 0; cell < cells.cells().size(); ++cell) {
    const std::string path = cells.path(cell);
    auto content = read_cell(path, cells.place(cell));
    if (!content) throw std::runtime_error(path + ": it was written and is not there");
    if (content->contains("error") && failed++ < 5)
      fmt::print(stderr, "failed: {}: {}\n", (*content)["cell"].dump(), (*content)["error"].get<std::string>());
    results.push_back(std::move(*content));
  }
  const SweepClaims said = sweep_claims(cells.spec(), results);
  auto json = sweep_json(cells.spec(), results);
  json["claims"] = nlohmann::ordered_json::array();
  for (const Claim& claim : said.claims) json["claims"].push_back(claim_json(claim));
  json["left_out"] = said.left_out;
  json["anova"] = sweep_anova(results);
  const std::string text = json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  write_text(options.output + "/sweep.json", text);
  write_text(options.output + "/sweep.csv", sweep_csv(results));
  fs::remove_all(options.output + "/cache");
  if (options.report && failed < results.size()) write_report({options.output, "", options.output + "/report.html"});
  if (options.json)
    fmt::print("{}", text);
  else if (!options.quiet)
    print_results(results, said, json["anova"]);
  if (!options.json && !options.quiet)
    fmt::print("{} cells, {} failed; written to {}\n", results.size(), failed, options.output);
  return failed;
}

// Returns how many cells failed; on ranks other than 0 nothing.
std::size_t sweep_on(Ranks& ranks, const SweepOptions& options) {
  const std::string text = read_named_file(options.file);
  SweepCells cells(parse_sweep(text, options.file, fs::path(options.file).parent_path().string()), options.file,
                   options.output);
  CellQueue queue;
  std::optional<DirectoryLock> lock;
  if (ranks.rank() == 0) {
    make_directory(options.output);
    lock.emplace(options.output);
    for (const char* folder : {"/cells", "/cache"}) {
      make_directory(options.output + folder);
      remove_unfinished(options.output + folder);
    }
    fill(queue, cells);
    write_text(options.output + "/sweep.textproto", text);
    if (!options.quiet && !options.json)
      fmt::print("{} cells, {} of them finished before, on {} rank{}\n", cells.cells().size(),
                 cells.cells().size() - queue.cells(), ranks.size(), ranks.size() > 1 ? "s" : "");
    std::fflush(stdout);
  }
  std::size_t failed = 0;
  {
    SweepProgress progress(queue, ranks.size(), options.quiet || options.json);
    ranks.share(
        queue, [&cells](std::size_t cell) { return finish(cells, cell); },
        [&](std::size_t, const CellEnd& end) {
          failed += end.failed ? 1 : 0;
          progress.tell(failed);
        });
  }
  ranks.meet();
  if (ranks.rank() == 0) failed = conclude(cells, options);
  ranks.meet();
  return ranks.rank() == 0 ? failed : 0;
}

// An error of one rank ends all. Most errors happen on every rank alike; rank 0 tells them.
void abandon(Ranks& ranks) {
  const Failure failure = current_failure();
  if (ranks.rank() > 0) std::this_thread::sleep_for(std::chrono::seconds(2));
  fmt::print(stderr, "trace-replay: rank {}: {}\n", ranks.rank(), failure.message);
  ranks.abandon(static_cast<int>(failure.code));
}

void sweep(const SweepOptions& options) {
  // What a cell held goes back to the system when it ends, instead of growing the heap of every rank for good.
  constexpr int kMappedFrom = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, kMappedFrom);
  const std::unique_ptr<Ranks> ranks = make_ranks();
  std::size_t failed = 0;
  try {
    failed = sweep_on(*ranks, options);
  } catch (...) {
    if (ranks->size() > 1) abandon(*ranks);
    throw;
  }
  if (failed > 0) throw CLI::RuntimeError(static_cast<int>(ExitCode::kInternal));
}

}  // namespace

void add_sweep_command(CLI::App& app) {
  auto* command = app.add_subcommand(
      "sweep", "Replay a grid of traces, machines, loads, replicas, predictors and policies, on one process or many");
  auto options = std::make_shared<SweepOptions>();
  command->add_option("file", options->file, "What to sweep, as protobuf text (trace-replay/sweep/sweep.proto)")
      ->required();
  command->add_option("--output", options->output, "Directory for the results; finished cells in it are not repeated")
      ->required();
  command->add_flag("!--no-report", options->report, "Write no report.html");
  command->add_flag("--json", options->json, "Print sweep.json instead of a table");
  command->add_flag("--quiet", options->quiet, "Print no table and no progress");
  command->footer(
      "A sweep that was killed goes on where it was when it is started again; the results are the same bytes, "
      "whatever\n"
      "the number of ranks. Exit status 1 where a cell failed; the others are finished all the same.\n"
      "Examples:\n"
      "  trace-replay sweep sweep.textproto --output sweep/\n"
      "  mpirun -n 16 trace-replay sweep sweep.textproto --output sweep/\n"
      "with sweep.textproto as\n"
      "  traces { path: \"KTH-SP2-1996-2.swf.gz\" name: \"KTH\" procs: 100 }\n"
      "  policies: [\"easy\", \"easy-sjbf\", \"wattfill\"]\n"
      "  replicas: 30  shake_s: 30");
  command->callback([options] { sweep(*options); });
}

}  // namespace wattfill::cli
