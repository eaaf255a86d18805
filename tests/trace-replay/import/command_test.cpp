// trace-replay import: outputs and exit statuses of the real program.
#include <gtest/gtest.h>

#include "backfill/config/config.hpp"
#include "tests/trace-replay/cli/program.hpp"

namespace wattfill::testing {
namespace {

const char* const kConf =
    "ClusterName=blue\nAuthType=auth/munge\nNodeName=cn[01-04] Sockets=2 CoresPerSocket=8 RealMemory=64000\n"
    "PartitionName=batch Nodes=ALL Default=YES\n";

TEST(ImportCommand, WritesAClusterFileThatTheProgramReads) {
  const Folder files;
  files.write("slurm.conf", kConf);
  const Ended printed = run_program(files, words("import slurm-conf slurm.conf"));
  EXPECT_EQ(printed.status, 0) << printed.err;
  EXPECT_NE(printed.err.find("left aside: AuthType (line 2)"), std::string::npos) << printed.err;
  const Cluster cluster = parse_cluster(printed.out, "printed");
  EXPECT_EQ(cluster.name, "blue");
  EXPECT_EQ(cluster.processors(), 64);

  const Ended written = run_program(files, words("import slurm-conf slurm.conf --quiet --output blue.textproto"));
  EXPECT_EQ(written.status, 0) << written.err;
  EXPECT_EQ(written.out, "");
  EXPECT_EQ(written.err, "");
  EXPECT_EQ(files.read("blue.textproto"), printed.out);
}

TEST(ImportCommand, ReadsStandardInput) {
  const Folder files;
  Conditions piped;
  piped.standard_input = files.write("slurm.conf", kConf);
  const Ended ended = run_program(files, words("import slurm-conf - --quiet"), piped);
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(parse_cluster(ended.out, "printed").processors(), 64);
}

TEST(ImportCommand, TellsWhatIsWrongByStatusAndPlace) {
  const Folder files;
  files.write("slurm.conf", kConf);
  files.write("wrong.conf", "NodeName=a\n\nNodeName=b CPUs=many\n");
  const std::tuple<const char*, int, const char*> rows[] = {
      {"import", 2, "subcommand"},
      {"import sge-conf x", 2, "subcommand is required"},
      {"import slurm-conf", 2, "file is required"},
      {"import slurm-conf none.conf", 3, "none.conf: cannot be read"},
      {"import slurm-conf wrong.conf --output x", 3, "wrong.conf:3: CPUs: \"many\" is no whole number"},
      {"import slurm-conf slurm.conf --output no/such/folder/x", 4, "no/such/folder/x"},
  };
  for (const auto& [line, status, phrase] : rows) {
    const Ended ended = run_program(files, words(line));
    EXPECT_EQ(ended.status, status) << line << "\n" << ended.err;
    EXPECT_NE(ended.err.find(phrase), std::string::npos) << line << "\n" << ended.err;
    EXPECT_EQ(ended.out, "") << line;
  }
  EXPECT_EQ(files.names(), (std::vector<std::string>{"slurm.conf", "wrong.conf"}));
}

}  // namespace
}  // namespace wattfill::testing
