// wattfilld: the planner in a process of its own, behind a Unix socket.
#include <fmt/format.h>
#include <google/protobuf/text_format.h>
#include <pwd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "backfill/config/config.hpp"
#include "backfill/config/named_file.hpp"
#include "plugin/planner/node_power.hpp"
#include "plugin/planner/server.hpp"
#include "plugin/planner/session.hpp"
#include "plugin/setup.hpp"
#include "plugin/state_file.hpp"

namespace {

using namespace wattfill;

enum Exit { kDone = 0, kInternal = 1, kUsage = 2, kInput = 3, kOutput = 4 };

struct Options {
  std::string config;
  std::string socket = "/run/wattfill/planner.sock";
  std::string state;
  std::int64_t save_every_s = 60;
  std::vector<std::string> allowed;
  bool check = false;
};

std::vector<uid_t> users(const std::vector<std::string>& names) {
  std::vector<uid_t> ids;
  for (const std::string& name : names) {
    if (!name.empty() && name.find_first_not_of("0123456789") == std::string::npos) {
      ids.push_back(static_cast<uid_t>(std::stoul(name)));
      continue;
    }
    const passwd* entry = getpwnam(name.c_str());
    if (!entry) throw CLI::ValidationError("--allow-user", "there is no user " + name);
    ids.push_back(entry->pw_uid);
  }
  return ids;
}

// A state that cannot be read must not keep the planner from working; it is kept beside the new one.
plugin::State learned(const std::string& path) {
  if (path.empty() || !std::filesystem::exists(path)) return {};
  const auto put_aside = [&path](const StateFileError& error, const std::string& aside) {
    std::error_code ignored;
    std::filesystem::rename(path, aside, ignored);
    fmt::print(stderr, "wattfilld: {}; it is kept as {}, and learning begins anew\n", error.what(), aside);
    return plugin::State{};
  };
  try {
    return read_state(path);
  } catch (const StateVersionError& error) {
    return put_aside(error, fmt::format("{}.version-{}", path, error.version()));
  } catch (const StateFileError& error) {
    return put_aside(error, path + ".damaged");
  }
}

class Saver {
 public:
  Saver(const Options& options, const Session& session) : options_(options), session_(session) {}

  // Now and then, where jobs have ended since the last time.
  void now_and_then() {
    const auto now = std::chrono::steady_clock::now();
    if (options_.state.empty() || session_.ended() == saved_ ||
        now - last_ < std::chrono::seconds(options_.save_every_s))
      return;
    last_ = now;
    save();
  }
  void save() {
    if (options_.state.empty()) return;
    try {
      write_state(session_.state(), options_.state);
      saved_ = session_.ended();
      complained_ = false;
    } catch (const StateFileError& error) {
      if (!complained_) fmt::print(stderr, "wattfilld: {}; it is tried again\n", error.what());
      complained_ = true;
    }
  }

 private:
  const Options& options_;
  const Session& session_;
  std::int64_t saved_ = 0;
  bool complained_ = false;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// What the operator should know, each thing once.
class Warnings {
 public:
  void tell(const Session& session) {
    if (!session.planner()) return;
    if (session.hellos() != told_of_) told_ = 0;
    told_of_ = session.hellos();
    const auto& all = session.planner()->warnings();
    for (; told_ < all.size(); ++told_) fmt::print(stderr, "wattfilld: {}\n", all[told_]);
  }

 private:
  std::int64_t told_of_ = 0;  // the planner made by so many hellos
  std::size_t told_ = 0;
};

int signal_descriptor() {
  sigset_t ending;
  sigemptyset(&ending);
  for (const int number : {SIGTERM, SIGINT}) sigaddset(&ending, number);
  sigprocmask(SIG_BLOCK, &ending, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &ending, SFD_CLOEXEC);
}

int run(const Options& options) {
  const plugin::Config config = parse_config(read_named_file(options.config), options.config);
  // Without a machine the policy alone is checked; the host tells the rest.
  plugin::Config trial = config;
  trial.clear_log();
  if (trial.machine_case() == plugin::Config::MACHINE_NOT_SET) trial.set_processors(1);
  if (!config.node_power().empty()) {
    std::string text;
    google::protobuf::TextFormat::PrintToString(cluster_of(config.node_power()), &text);
    trial.set_cluster_text(text);
  }
  const HostAbilities host{WATTFILL_HOST_SLEEPS | WATTFILL_HOST_SHARES_NODES};
  const Setup setup = set_up(resolved(trial), host);
  if (options.check) {
    for (const std::string& warning : setup.warnings) fmt::print(stderr, "wattfilld: {}\n", warning);
    fmt::print("{}: policy {}\n", options.config, setup.scheduler.policy.name);
    return kDone;
  }
  Session session(config, host, learned(options.state));
  Server server(options.socket, users(options.allowed));
  const int ending = signal_descriptor();
  fmt::print(stderr, "wattfilld {}: policy {}, listening on {}\n", WATTFILL_VERSION, setup.scheduler.policy.name,
             options.socket);
  Saver saver(options, session);
  Warnings warnings;
  constexpr int kIdleMs = 1000;
  server.serve([&](const protocol::Request& request) { return session.answer(request); }, ending, kIdleMs,
               [&] {
                 warnings.tell(session);
                 saver.now_and_then();
               });
  saver.save();
  fmt::print(stderr, "wattfilld: ends\n");
  return kDone;
}

int parse_and_run(int argc, char** argv) {
  Options options;
  CLI::App app{"wattfilld: plans for a resource manager's plugin, behind a Unix socket", "wattfilld"};
  app.set_version_flag("--version", "wattfilld " WATTFILL_VERSION);
  app.add_option("--config", options.config, "How to plan: protobuf text as in plugin/config.proto")->required();
  app.add_option("--socket", options.socket, "Where to listen")->capture_default_str();
  app.add_option("--state", options.state, "File in which what was learned is kept over restarts");
  app.add_option("--save-every", options.save_every_s, "Seconds between two savings")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{86400}))
      ->capture_default_str();
  app.add_option("--allow-user", options.allowed, "User, beside root and the own one, that may connect; repeatable");
  app.add_flag("--check", options.check, "Check the config and end");
  app.footer(
      "Exit status: 0 ended by a signal, 2 wrong usage, 3 wrong config, 4 the socket cannot be had, 1 an internal "
      "error.\n"
      "Examples:\n"
      "  wattfilld --config /etc/wattfill/planner.textproto --state /var/lib/wattfill/state --allow-user slurm\n"
      "  wattfilld --config planner.textproto --check");
  try {
    app.parse(argc, argv);
    return run(options);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? kDone : kUsage;
  } catch (const ConfigError& error) {
    fmt::print(stderr, "wattfilld: {}\n", error.what());
    return kInput;
  } catch (const SocketError& error) {
    fmt::print(stderr, "wattfilld: {}\n", error.what());
    return kOutput;
  } catch (const std::exception& error) {
    fmt::print(stderr, "wattfilld: {}\n", error.what());
    return kInternal;
  }
}

}  // namespace

int main(int argc, char** argv) { return parse_and_run(argc, argv); }
