#include "plugin/planner/server.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace wattfill {
namespace {

constexpr mode_t kSocketMode = 0600;
constexpr int kSendTimeoutS = 30;  // a host that does not read is dropped

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw SocketError(fmt::format("{}: {}", path, what));
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path))
    fail(path, fmt::format("the path of a socket has 1 to {} bytes", sizeof(address.sun_path) - 1));
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

// Whoever may replace the socket may pose as the planner.
void check_folder(const std::string& path) {
  const auto folder = std::filesystem::absolute(path).parent_path();
  struct stat status {};
  if (stat(folder.c_str(), &status) != 0) fail(folder, std::strerror(errno));
  if (!S_ISDIR(status.st_mode)) fail(folder, "is no folder");
  const bool open_to_all = (status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0;
  if (open_to_all) fail(folder, "everybody may write to it; use a folder of mode 0755 or less");
}

bool is_served(const std::string& path) {
  const sockaddr_un address = address_of(path);
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool served = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  ::close(probe);
  return served;
}

void remove_dead_socket(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return;
  if (!S_ISSOCK(status.st_mode)) fail(path, "is there already, and is no socket");
  if (is_served(path)) fail(path, "another planner serves it");
  ::unlink(path.c_str());
}

}  // namespace

Server::Server(const std::string& path, std::vector<uid_t> allowed) : path_(path), allowed_(std::move(allowed)) {
  const sockaddr_un address = address_of(path);
  check_folder(path);
  remove_dead_socket(path);
  listening_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listening_ < 0) fail(path, std::strerror(errno));
  // Nobody may connect before the mode is right.
  const mode_t before = ::umask(~kSocketMode & 0777);
  const bool bound = ::bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  const int error = errno;
  ::umask(before);
  if (!bound || (!allowed_.empty() && ::chmod(path.c_str(), 0666) != 0) || ::listen(listening_, 4) != 0) {
    ::close(listening_);
    fail(path, std::strerror(bound ? errno : error));
  }
}

Server::~Server() {
  if (host_ >= 0) ::close(host_);
  ::close(listening_);
  ::unlink(path_.c_str());
}

void Server::accept_host() {
  const int connection = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
  if (connection < 0) return;
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) peer.uid = static_cast<uid_t>(-1);
  const bool welcome =
      peer.uid == 0 || peer.uid == geteuid() || std::find(allowed_.begin(), allowed_.end(), peer.uid) != allowed_.end();
  if (!welcome) {
    turn_away(peer.pid, peer.uid);
    ::close(connection);
    return;
  }
  if (host_ >= 0) hang_up("a new connection takes its place");
  host_ = connection;
  incoming_ = {};
  const timeval timeout{kSendTimeoutS, 0};
  ::setsockopt(host_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
  fmt::print(stderr, "wattfilld: process {} of user {} is connected\n", peer.pid, peer.uid);
}

// Told once a minute at most: anybody may knock.
void Server::turn_away(pid_t process, uid_t user) {
  const auto now = std::chrono::steady_clock::now();
  if (told_refusal_ && now - *told_refusal_ < std::chrono::minutes(1)) return;
  told_refusal_ = now;
  fmt::print(stderr, "wattfilld: process {} of user {} was turned away; see --allow-user\n", process, user);
}

void Server::hang_up(const std::string& why) {
  fmt::print(stderr, "wattfilld: the connection ends: {}\n", why);
  ::close(host_);
  host_ = -1;
}

bool Server::send(const std::string& bytes) const {
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t sent = ::send(host_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Server::receive(const Answer& answer) {
  std::array<char, 1 << 16> bytes;
  const ssize_t got = ::recv(host_, bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) return hang_up(got == 0 ? "the host closed it" : std::strerror(errno));
  incoming_.append({bytes.data(), static_cast<std::size_t>(got)});
  try {
    while (const auto message = incoming_.next()) {
      protocol::Request request;
      if (!request.ParseFromArray(message->data(), static_cast<int>(message->size())))
        return hang_up("a request was not understood");
      const protocol::Reply reply = answer(request);
      std::string framed;
      append_varint(reply.ByteSizeLong(), framed);
      reply.AppendToString(&framed);
      if (!send(framed)) return hang_up("the host does not read its reply");
    }
  } catch (const FramingError& error) {
    hang_up(error.what());
  }
}

void Server::serve(const Answer& answer, int stop_descriptor, int idle_ms, const std::function<void()>& idle) {
  while (true) {
    std::array<pollfd, 3> wait = {{{stop_descriptor, POLLIN, 0}, {listening_, POLLIN, 0}, {host_, POLLIN, 0}}};
    const int ready = ::poll(wait.data(), host_ >= 0 ? 3 : 2, idle_ms);
    if (ready < 0 && errno != EINTR) fail(path_, std::strerror(errno));
    if (wait[0].revents != 0) return;
    if (ready > 0 && host_ >= 0 && wait[2].revents != 0) receive(answer);
    if (ready > 0 && wait[1].revents != 0) accept_host();
    idle();
  }
}

}  // namespace wattfill
