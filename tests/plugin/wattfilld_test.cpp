// The real planner behind its socket: killed, restarted, talked to wrongly.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "plugin/framing.hpp"
#include "plugin/protocol.pb.h"
#include "plugin/state_file.hpp"
#include "tests/plugin/planners.hpp"
#include "tests/trace-replay/output/folder.hpp"

namespace wattfill::testing {
namespace {

using Arguments = std::vector<std::string>;

class Process {
 public:
  Process(const Folder& folder, Arguments arguments) {
    arguments.insert(arguments.begin(), WATTFILL_PLANNER);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const std::string errors = folder.path("stderr");
    child_ = fork();
    if (child_ != 0) return;
    const int err = ::open(errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(err, 2);
    execv(argv[0], argv.data());
    _exit(127);
  }
  ~Process() {
    if (child_ > 0) end(SIGKILL);
  }
  // The exit status, or 128 + the signal.
  int end(int signal = 0) {
    if (signal != 0) kill(child_, signal);
    int status = 0;
    waitpid(std::exchange(child_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  pid_t pid() const { return child_; }

 private:
  pid_t child_ = -1;
};

class Client {
 public:
  // Waits until the planner listens.
  explicit Client(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    for (int tries = 0; tries < 1500; ++tries) {
      if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ADD_FAILURE() << "the planner does not listen on " << path;
  }
  ~Client() { ::close(socket_); }

  void send(const std::string& bytes) const {
    EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  void send(const protocol::Request& request) const {
    std::string bytes;
    append_varint(request.ByteSizeLong(), bytes);
    request.AppendToString(&bytes);
    send(bytes);
  }
  // False where the connection ends.
  bool receive(protocol::Reply& reply) {
    while (true) {
      if (const auto message = incoming_.next()) return reply.ParseFromString(std::string(*message));
      char bytes[4096];
      const ssize_t got = ::recv(socket_, bytes, sizeof(bytes), 0);
      if (got <= 0) return false;
      incoming_.append({bytes, static_cast<std::size_t>(got)});
    }
  }
  protocol::Reply ask(const protocol::Request& request) {
    send(request);
    protocol::Reply reply;
    EXPECT_TRUE(receive(reply)) << "no reply";
    return reply;
  }

 private:
  int socket_;
  Deframer incoming_;
};

protocol::Event& add_event(protocol::Request& request, std::int64_t now) {
  request.mutable_step()->set_time_s(now);
  request.mutable_step()->set_schedule(true);
  protocol::Event& event = *request.mutable_step()->add_event();
  event.set_time_s(now);
  return event;
}

protocol::Request with_job(std::int64_t now, std::int64_t id) {
  protocol::Request request;
  protocol::Job& job = *add_event(request, now).mutable_submit();
  job.set_id(id);
  job.set_submit_s(now);
  job.set_processors(1);
  job.set_requested_s(10);
  return request;
}

// A job is submitted, starts and ends.
void live_and_end(Client& client, std::int64_t now, std::int64_t id) {
  EXPECT_EQ(client.ask(with_job(now, id)).pass().proposal_size(), 1);
  protocol::Request request;
  add_event(request, now).mutable_started()->set_job(id);
  add_event(request, now + 5).set_end(id);
  EXPECT_EQ(client.ask(request).error(), "");
}

class Wattfilld : public ::testing::Test {
 protected:
  Wattfilld() { folder_.write("config", "policy: 'wattfill-host' log { directory: '" + folder_.path("log") + "' }"); }
  Arguments arguments(const Arguments& more = {}) const {
    Arguments all = {"--config", folder_.path("config"), "--socket",     socket(),
                     "--state",  folder_.path("state"),  "--save-every", "1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::string socket() const { return folder_.path("socket"); }

  Folder folder_;
};

TEST_F(Wattfilld, KeepsWhatItLearnedWhenItEnds) {
  {
    Process planner(folder_, arguments());
    Client client(socket());
    EXPECT_NE(client.ask(hello()).planner().find("wattfill-host"), std::string::npos);
    for (std::int64_t id = 1; id <= 20; ++id) live_and_end(client, 100 * id, id);
    EXPECT_EQ(planner.end(SIGTERM), 0);
  }
  EXPECT_EQ(read_state(folder_.path("state")).ended_size(), 20);
  EXPECT_EQ(access(socket().c_str(), F_OK), -1) << "the socket is left behind";
  Process planner(folder_, arguments());
  Client client(socket());
  client.ask(hello());
  live_and_end(client, 10'000, 1);
  EXPECT_EQ(planner.end(SIGTERM), 0);
  EXPECT_EQ(read_state(folder_.path("state")).ended_size(), 21);
}

TEST_F(Wattfilld, SurvivesBeingKilled) {
  Process planner(folder_, arguments());
  {
    Client client(socket());
    client.ask(hello());
    for (std::int64_t id = 1; id <= 20; ++id) live_and_end(client, 100 * id, id);
    // Saved within the second, and then some that may be lost.
    for (int tries = 0; tries < 500 && access(folder_.path("state").c_str(), F_OK) != 0; ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    for (std::int64_t id = 21; id <= 25; ++id) live_and_end(client, 100 * id, id);
    EXPECT_EQ(planner.end(SIGKILL), 128 + SIGKILL);
    protocol::Reply reply;
    EXPECT_FALSE(client.receive(reply));
  }
  const int saved = read_state(folder_.path("state")).ended_size();
  EXPECT_GE(saved, 1);
  Process again(folder_, arguments());
  Client client(socket());
  client.ask(hello());
  live_and_end(client, 10'000, 1);
  EXPECT_EQ(again.end(SIGTERM), 0);
  EXPECT_EQ(read_state(folder_.path("state")).ended_size(), saved + 1);
}

TEST_F(Wattfilld, ADamagedStateIsKeptAsideAndLearningBeginsAnew) {
  folder_.write("state", "wattfill state\nbut not a whole one");
  Process planner(folder_, arguments());
  Client client(socket());
  EXPECT_EQ(client.ask(hello()).error(), "");
  EXPECT_EQ(planner.end(SIGTERM), 0);
  EXPECT_EQ(folder_.read("state.damaged"), "wattfill state\nbut not a whole one");
}

// A later program can have it back; what this one learns is not mixed with it.
TEST_F(Wattfilld, AStateOfALaterVersionIsKeptAside) {
  plugin::State state;
  state.set_version(static_cast<protocol::Version>(protocol::CURRENT + 1));
  write_state(state, folder_.path("state"));
  const std::string later = folder_.read("state");
  {
    Process planner(folder_, arguments());
    Client client(socket());
    EXPECT_EQ(client.ask(hello()).error(), "");
    live_and_end(client, 100, 1);
    EXPECT_EQ(planner.end(SIGTERM), 0);
  }
  EXPECT_EQ(folder_.read("state.version-3"), later);
  EXPECT_EQ(read_state(folder_.path("state")).ended_size(), 1);
}

TEST_F(Wattfilld, AStateOfTheVersionBeforeIsLearnedFrom) {
  plugin::State state;
  state.set_version(protocol::FIRST);
  plugin::EndedJob& job = *state.add_ended();
  job.mutable_job()->set_id(5);
  job.mutable_job()->set_requested_s(100);
  job.mutable_job()->set_processors(1);
  job.set_ended_s(40);
  job.set_runtime_s(40);
  write_state(state, folder_.path("state"));
  {
    Process planner(folder_, arguments());
    Client client(socket());
    EXPECT_EQ(client.ask(hello()).error(), "");
    live_and_end(client, 100, 1);
    EXPECT_EQ(planner.end(SIGTERM), 0);
  }
  const plugin::State now = read_state(folder_.path("state"));
  EXPECT_EQ(now.version(), protocol::CURRENT);
  ASSERT_EQ(now.ended_size(), 2);
  EXPECT_EQ(now.ended(0).job().id(), 5);
}

TEST_F(Wattfilld, ACorruptModelIsAWarning) {
  folder_.write("model.json", "no model");
  folder_.write("config", "policy: 'wattfill-host' model: '" + folder_.path() + "'");
  Process planner(folder_, arguments());
  Client client(socket());
  EXPECT_EQ(client.ask(hello()).error(), "");
  live_and_end(client, 100, 1);
  EXPECT_EQ(planner.end(SIGTERM), 0);
  EXPECT_NE(folder_.read("stderr").find("are the request instead"), std::string::npos) << folder_.read("stderr");
}

// Everything that the log would need is full; the planner serves all the same.
TEST_F(Wattfilld, AFullDiskDoesNotKeepItFromServing) {
  folder_.write("config", "policy: 'easy' log { directory: '/dev/full/log' }");
  Process planner(folder_, arguments());
  Client client(socket());
  EXPECT_EQ(client.ask(hello()).error(), "");
  for (std::int64_t id = 1; id <= 20; ++id) live_and_end(client, 100 * id, id);
  EXPECT_EQ(planner.end(SIGTERM), 0);
  EXPECT_NE(folder_.read("stderr").find("decision log"), std::string::npos) << folder_.read("stderr");
}

TEST_F(Wattfilld, ANewConnectionTakesThePlaceOfTheOld) {
  Process planner(folder_, arguments());
  Client first(socket());
  first.ask(hello());
  Client second(socket());
  EXPECT_EQ(second.ask(hello()).error(), "");
  protocol::Reply reply;
  EXPECT_FALSE(first.receive(reply));
  EXPECT_EQ(second.ask(with_job(5, 1)).pass().proposal_size(), 1);
}

TEST_F(Wattfilld, HangsUpOnWhatIsNoMessage) {
  Process planner(folder_, arguments());
  for (const std::string& bytes : {std::string("\xff\xff\xff\xff\xff\xff\xff"), std::string("\x05hello")}) {
    Client client(socket());
    client.send(bytes);
    protocol::Reply reply;
    EXPECT_FALSE(client.receive(reply));
  }
  // A part of a message of 'p' bytes, then nothing: the next one is served all the same.
  Client half(socket());
  half.send("p only a part");
  Client client(socket());
  EXPECT_EQ(client.ask(hello()).error(), "");
}

TEST_F(Wattfilld, AHostThatDoesNotReadDoesNotKeepItFromEnding) {
  Process planner(folder_, arguments());
  Client client(socket());
  client.ask(hello());
  for (int i = 0; i < 50; ++i) client.send(with_job(10 + i, i + 1));
  EXPECT_EQ(planner.end(SIGTERM), 0);
}

TEST_F(Wattfilld, WhatCannotBeServedIsToldAtOnce) {
  Process planner(folder_, arguments());
  { Client client(socket()); }
  EXPECT_EQ(Process(folder_, arguments()).end(), 4) << "another planner serves it";
  EXPECT_NE(folder_.read("stderr").find("another planner serves it"), std::string::npos);
  folder_.write("file", "");
  EXPECT_EQ(Process(folder_, {"--config", folder_.path("config"), "--socket", folder_.path("file")}).end(), 4);
  EXPECT_EQ(Process(folder_, {"--config", folder_.path("absent")}).end(), 3);
  folder_.write("wrong", "polizy: \"easy\"");
  EXPECT_EQ(Process(folder_, {"--config", folder_.path("wrong"), "--check"}).end(), 3);
  EXPECT_NE(folder_.read("stderr").find("wrong:1:1"), std::string::npos);
  EXPECT_EQ(Process(folder_, {"--no-such-option"}).end(), 2);
  EXPECT_EQ(Process(folder_, {"--config", folder_.path("config"), "--check"}).end(), 0);
  chmod(folder_.path().c_str(), 0777);
  EXPECT_EQ(Process(folder_, {"--config", folder_.path("config"), "--socket", folder_.path("other")}).end(), 4);
  chmod(folder_.path().c_str(), 0700);
}

}  // namespace
}  // namespace wattfill::testing
