// libFuzzer: whatever bytes a host sends, the planner answers each request or hangs up; it never crashes, and what it
// proposes is within the machine. Input that begins with "text\n" is requests as protobuf text, parted by lines "--".
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "backfill/config/cluster.pb.h"
#include "plugin/framing.hpp"
#include "plugin/planner/session.hpp"

namespace {

using namespace wattfill;

constexpr std::int32_t kNodes = 6;

// Unlike assert() it stays in a release build.
void require(bool condition) {
  if (!condition) std::abort();
}

struct Silent final : google::protobuf::io::ErrorCollector {
  void AddError(int, int, const std::string&) override {}
};

Session new_session(std::string_view policy) {
  constexpr HostAbilities kAble{WATTFILL_HOST_SLEEPS | WATTFILL_HOST_SHARES_NODES};
  plugin::Config config;
  config.set_policy(std::string(policy));
  Session session(config, kAble, {});
  protocol::Request hello;
  hello.mutable_hello()->set_version(protocol::CURRENT);
  config::Cluster& cluster = *hello.mutable_hello()->mutable_cluster();
  cluster.set_name("fuzzed");
  cluster.set_allocation(config::WHOLE_NODES);
  for (const char* name : {"a", "b"}) {
    config::NodeType& type = *cluster.add_node_type();
    type.set_name(name);
    type.set_count(kNodes / 2);
    type.set_processors(2);
    type.mutable_power()->set_idle_watts(50);
    type.mutable_power()->set_active_watts(100);
    config::Sleep& sleep = *type.mutable_power()->add_sleep();
    sleep.set_name("off");
    sleep.set_watts(1);
    sleep.mutable_leave()->set_seconds(10);
    sleep.mutable_leave()->set_watts(80);
  }
  require(session.answer(hello).error().empty());
  return session;
}

void check(const protocol::Request& request, const protocol::Reply& reply) {
  require(reply.sequence() == request.sequence());
  if (request.has_hello()) return;
  for (const protocol::Proposal& p : reply.pass().proposal())
    for (const protocol::NodeRun& run : p.nodes().run()) require(run.first() >= 0 && run.length() > 0);
}

void answer(Session& session, const protocol::Request& request) {
  // A machine of millions of nodes is no error, but takes its time; so does a trained model.
  if (request.has_hello())
    for (const auto& type : request.hello().cluster().node_type())
      if (type.count() > 1000 || type.processors() > 1000) return;
  check(request, session.answer(request));
}

void converse_in_text(Session& session, std::string_view text) {
  Silent silent;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&silent);
  while (!text.empty()) {
    const std::size_t end = text.find("\n--\n");
    protocol::Request request;
    if (parser.ParseFromString(std::string(text.substr(0, end)), &request)) answer(session, request);
    text = end == std::string_view::npos ? "" : text.substr(end + 4);
  }
}

void converse(Session& session, std::string_view bytes) {
  Deframer deframer;
  try {
    for (std::size_t at = 0; at < bytes.size(); at += 97) {
      deframer.append(bytes.substr(at, 97));
      while (const auto message = deframer.next()) {
        protocol::Request request;
        if (!request.ParseFromArray(message->data(), static_cast<int>(message->size()))) return;
        answer(session, request);
      }
    }
  } catch (const FramingError&) {
    return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const std::string_view policy : {"easy-energy", "conservative"}) {
    Session session = new_session(policy);
    constexpr std::string_view kText = "text\n";
    if (input.starts_with(kText))
      converse_in_text(session, input.substr(kText.size()));
    else
      converse(session, input);
  }
  return 0;
}
