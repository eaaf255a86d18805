#include "tests/trace-replay/cli/program.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

namespace wattfill::testing {
namespace {

// Captured output lies beside the folder, which holds nothing but what the program leaves.
class Captured {
 public:
  std::string out() const { return capture_.path("out"); }
  std::string err() const { return capture_.path("err"); }
  Ended ended(int wait_status) const {
    Ended e;
    e.status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
    if (std::filesystem::exists(out())) e.out = capture_.read("out");
    if (std::filesystem::exists(err())) e.err = capture_.read("err");
    return e;
  }

 private:
  Folder capture_;
};

bool redirect(const char* path, int flags, int target) {
  const int fd = open(path, flags, 0600);
  return fd >= 0 && dup2(fd, target) == target && close(fd) == 0;
}

// The child: only calls that are safe after fork().
[[noreturn]] void become_program(const char* folder, char** argv, const char* in, const char* out, const char* err,
                                 std::int64_t longest_file) {
  constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC;
  bool good = (in == nullptr || redirect(in, O_RDONLY, STDIN_FILENO)) && redirect(out, kWrite, STDOUT_FILENO) &&
              redirect(err, kWrite, STDERR_FILENO) && chdir(folder) == 0;
  if (longest_file >= 0) {
    const rlimit limit{static_cast<rlim_t>(longest_file), static_cast<rlim_t>(longest_file)};
    good = good && std::signal(SIGXFSZ, SIG_IGN) != SIG_ERR && setrlimit(RLIMIT_FSIZE, &limit) == 0;
  }
  if (good) execv(argv[0], argv);
  _exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& arguments) {
  std::vector<char*> all;
  all.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) all.push_back(argument.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> command(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {WATTFILL_PROGRAM};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

int wait_for(pid_t child) {
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) throw std::runtime_error("the program could not be started");
  return status;
}

// True when all of it was taken.
bool write_all(int fd, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = write(fd, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

Ended run_program(const Folder& folder, const std::vector<std::string>& arguments, const Conditions& conditions) {
  const Captured captured;
  std::vector<std::string> full = command(arguments);
  std::vector<char*> argv = pointers(full);
  const std::string directory = folder.path();
  const std::string out = conditions.standard_output.empty() ? captured.out() : conditions.standard_output;
  const std::string err = captured.err();
  const pid_t child = fork();
  if (child == 0)
    become_program(directory.c_str(), argv.data(), conditions.standard_input.c_str(), out.c_str(), err.c_str(),
                   conditions.longest_file);
  return captured.ended(wait_for(child));
}

Ended interrupt_program(const Folder& folder, const std::vector<std::string>& arguments, const std::string& before,
                        const std::string& after) {
  const Captured captured;
  std::vector<std::string> full = command(arguments);
  std::vector<char*> argv = pointers(full);
  const std::string directory = folder.path();
  const std::string out = captured.out();
  const std::string err = captured.err();
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    if (dup2(ends[0], STDIN_FILENO) != STDIN_FILENO) _exit(127);
    close(ends[0]);
    close(ends[1]);
    become_program(directory.c_str(), argv.data(), nullptr, out.c_str(), err.c_str(), -1);
  }
  close(ends[0]);
  const auto former = std::signal(SIGPIPE, SIG_IGN);
  const bool written = write_all(ends[1], before);
  kill(child, SIGINT);
  EXPECT_TRUE(written);
  write_all(ends[1], after);  // a program that has ended does not take it
  close(ends[1]);
  std::signal(SIGPIPE, former);
  return captured.ended(wait_for(child));
}

std::vector<std::string> words(const std::string& line) {
  std::vector<std::string> all;
  std::istringstream in(line);
  for (std::string word; in >> word;) all.push_back(word);
  return all;
}

}  // namespace wattfill::testing
