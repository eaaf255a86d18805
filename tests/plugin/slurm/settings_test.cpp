#include "plugin/slurm/settings.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace wattfill::slurm {
namespace {

Settings read(const std::string& text) {
  std::istringstream in(text);
  return read_settings(in, "wattfill.conf");
}

std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const SettingsError& error) {
    return error.what();
  }
  return "(none)";
}

TEST(Settings, AreStockWithoutAFile) {
  EXPECT_EQ(read("").mode, Mode::kStock);
  EXPECT_EQ(read_settings_file("/nowhere/wattfill.conf").mode, Mode::kStock);
}

TEST(Settings, AreReadWithCommentsAndBlanks) {
  const Settings settings =
      read("# a comment\n\n  mode=act  # and more\n hold_ms =  7\nprometheus_file = /run/x.prom\n");
  EXPECT_EQ(settings.mode, Mode::kAct);
  EXPECT_EQ(settings.hold_ms, 7);
  EXPECT_EQ(settings.prometheus_file, "/run/x.prom");
}

TEST(Settings, ErrorsNameTheLineAndWhatWouldBeRight) {
  EXPECT_EQ(error_of("\nmode = fast"), "wattfill.conf:2: mode: \"fast\" is none of stock, observe, act");
  EXPECT_EQ(error_of("hold_ms = 0"), "wattfill.conf:1: hold_ms: \"0\" is no whole number from 1 to 60000");
  EXPECT_EQ(error_of("hold_ms = 5x"), "wattfill.conf:1: hold_ms: \"5x\" is no whole number from 1 to 60000");
  EXPECT_EQ(error_of("socket = here"), "wattfill.conf:1: socket: \"here\" is no absolute path");
  EXPECT_EQ(error_of("admin_comment = maybe"), "wattfill.conf:1: admin_comment: \"maybe\" is neither yes nor no");
  EXPECT_EQ(error_of("power = yes"), "wattfill.conf:1: power: \"yes\" is neither on nor off");
  EXPECT_NE(error_of("speed = 5").find("unknown key \"speed\"; known are admin_comment, array_tasks"),
            std::string::npos);
  EXPECT_NE(error_of("mode stock").find("no '='"), std::string::npos);
}

}  // namespace
}  // namespace wattfill::slurm
