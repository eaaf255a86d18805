// A Unix socket on which one host at a time talks to a session.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "plugin/framing.hpp"
#include "plugin/protocol.pb.h"

namespace wattfill {

// The text names the socket, what is wrong and what would be right.
class SocketError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Server {
 public:
  // Listens. A socket that a dead server left is replaced; one that is served is not. Others may connect only if they
  // are root, the server's own user or one of `allowed`. Throws SocketError, also where the folder is open to all.
  Server(const std::string& path, std::vector<uid_t> allowed);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  using Answer = std::function<protocol::Reply(const protocol::Request&)>;
  // Serves until `stop_descriptor` can be read. A new connection takes the place of an old one: a controller that was
  // restarted is heard. `idle` is called at least every so many milliseconds.
  void serve(const Answer& answer, int stop_descriptor, int idle_ms, const std::function<void()>& idle);

 private:
  void accept_host();
  void turn_away(pid_t process, uid_t user);
  void hang_up(const std::string& why);
  void receive(const Answer& answer);
  bool send(const std::string& bytes) const;

  std::string path_;
  std::vector<uid_t> allowed_;
  int listening_ = -1;
  int host_ = -1;
  Deframer incoming_;
  std::optional<std::chrono::steady_clock::time_point> told_refusal_;
};

}  // namespace wattfill
