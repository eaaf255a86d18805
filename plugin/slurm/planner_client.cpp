// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/slurm/planner_client.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "plugin/slurm/real_time.hpp"

namespace wattfill::slurm {
namespace {

constexpr std::size_t kLargestReply = std::size_t{256} << 20;

[[noreturn]] void fail(const std::string& what, int error) { throw PlannerError(what + ": " + std::strerror(error)); }

uid_t uid_of(const std::string& user) {
  char* end = nullptr;
  const unsigned long number = std::strtoul(user.c_str(), &end, 10);
  if (*end == '\0') return static_cast<uid_t>(number);
  passwd entry{};
  passwd* found = nullptr;
  char buffer[4096];
  getpwnam_r(user.c_str(), &entry, buffer, sizeof buffer, &found);
  if (!found) throw PlannerError("planner_user: no user \"" + user + "\" on this machine");
  return entry.pw_uid;
}

}  // namespace

void PlannerClient::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  received_.clear();
}

void PlannerClient::connect(const std::string& socket, const std::string& user, std::int64_t deadline_ms) {
  close();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof address.sun_path)
    throw PlannerError(socket + ": longer than the " + std::to_string(sizeof address.sun_path - 1) +
                       " bytes that a socket's path can have");
  std::memcpy(address.sun_path, socket.data(), socket.size());
  socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) fail("socket", errno);
  try {
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      if (errno != EINPROGRESS) fail(socket, errno);
      wait_for(POLLOUT, real_ms() + deadline_ms);
      int error = 0;
      socklen_t size = sizeof error;
      getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error != 0) fail(socket, error);
    }
    check_peer(user);
  } catch (...) {
    close();
    throw;
  }
}

void PlannerClient::check_peer(const std::string& user) const {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket_, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) fail("the planner's credentials", errno);
  const bool welcome = user.empty() ? peer.uid == geteuid() || peer.uid == 0 : peer.uid == uid_of(user);
  if (!welcome)
    throw PlannerError("the process behind the socket belongs to user " + std::to_string(peer.uid) +
                       ", not to the planner's; if it should, set planner_user");
}

protocol::Reply PlannerClient::ask(protocol::Request& request, std::int64_t deadline_ms) {
  if (!connected()) throw PlannerError("not connected");
  const std::int64_t until_ms = real_ms() + deadline_ms;
  try {
    request.set_sequence(++sequence_);
    const std::string body = request.SerializeAsString();
    google::protobuf::uint8 head[10];
    const auto* end = google::protobuf::io::CodedOutputStream::WriteVarint64ToArray(body.size(), head);
    send(std::string(std::begin(head), std::begin(head) + (end - head)) + body, until_ms);
    protocol::Reply reply = receive(until_ms);
    if (reply.sequence() != request.sequence())
      throw PlannerError("it answered request " + std::to_string(reply.sequence()) + " instead of " +
                         std::to_string(request.sequence()));
    if (!reply.error().empty()) throw PlannerError(reply.error());
    return reply;
  } catch (...) {
    close();
    throw;
  }
}

void PlannerClient::wait_for(short events, std::int64_t until_ms) const {
  for (;;) {
    const std::int64_t left = until_ms - real_ms();
    if (left <= 0) throw PlannerError("no answer in time");
    pollfd one{socket_, events, 0};
    // In slices, since a clock that runs faster shortens them.
    const int ready = poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 100)));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) fail("poll", errno);
  }
}

void PlannerClient::send(const std::string& bytes, std::int64_t until_ms) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t now = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (now >= 0) {
      sent += static_cast<std::size_t>(now);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait_for(POLLOUT, until_ms);
    } else if (errno != EINTR) {
      fail("sending", errno);
    }
  }
}

protocol::Reply PlannerClient::receive(std::int64_t until_ms) {
  for (;;) {
    // A whole message stands behind its length, a varint of at most ten bytes.
    google::protobuf::io::CodedInputStream in(reinterpret_cast<const google::protobuf::uint8*>(received_.data()),
                                              static_cast<int>(received_.size()));
    std::uint64_t length = 0;
    if (in.ReadVarint64(&length)) {
      if (length > kLargestReply) throw PlannerError("an answer of " + std::to_string(length) + " bytes");
      const auto start = static_cast<std::size_t>(in.CurrentPosition());
      if (received_.size() - start >= length) {
        protocol::Reply reply;
        if (!reply.ParseFromArray(received_.data() + start, static_cast<int>(length)))
          throw PlannerError("an answer that is no Reply");
        received_.erase(0, start + length);
        return reply;
      }
    } else if (received_.size() >= 10) {
      throw PlannerError("an answer without a length");
    }
    char buffer[65'536];
    const ssize_t got = recv(socket_, buffer, sizeof buffer, 0);
    if (got > 0) {
      received_.append(buffer, static_cast<std::size_t>(got));
    } else if (got == 0) {
      throw PlannerError("it closed the connection");
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait_for(POLLIN, until_ms);
    } else if (errno != EINTR) {
      fail("receiving", errno);
    }
  }
}

}  // namespace wattfill::slurm
