#include "plugin/framing.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/backfill/random.hpp"

namespace wattfill::testing {
namespace {

TEST(Framing, MessagesComeOutAsTheyWentInHoweverTheyAreCut) {
  Random random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> sent;
    std::string stream;
    for (std::int64_t i = random.between(1, 5); i > 0; --i) {
      sent.emplace_back(static_cast<std::size_t>(random.between(0, random.chance(20) ? 70'000 : 300)), 'x');
      append_varint(sent.back().size(), stream);
      stream += sent.back();
    }
    Deframer deframer;
    std::vector<std::string> received;
    for (std::size_t at = 0; at < stream.size();) {
      const auto size = static_cast<std::size_t>(random.between(1, 40'000));
      deframer.append(std::string_view(stream).substr(at, size));
      at += size;
      while (const auto message = deframer.next()) received.emplace_back(*message);
    }
    EXPECT_EQ(received, sent);
    EXPECT_EQ(deframer.buffered(), 0U);
  }
}

TEST(Framing, LengthsThatCannotBeAreRefused) {
  Deframer deframer;
  deframer.append("\xff\xff\xff\xff\x7f");
  EXPECT_THROW(deframer.next(), FramingError);
  Deframer endless;
  endless.append("\xff\xff\xff\xff\xff\xff");
  EXPECT_THROW(endless.next(), FramingError);
}

}  // namespace
}  // namespace wattfill::testing
