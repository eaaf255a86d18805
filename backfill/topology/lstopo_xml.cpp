#include "backfill/topology/lstopo_xml.hpp"

#include <boost/algorithm/string/replace.hpp>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <sstream>
#include <string_view>
#include <utility>

#include "backfill/topology/hwloc_bitmap.hpp"
#include "backfill/topology/topology_error.hpp"

namespace wattfill {
namespace {

using boost::property_tree::ptree;

constexpr int kDeepest = 64;          // of nested elements; the deepest machines have some 15
constexpr int kHighestThread = 8191;  // the highest index on Linux
constexpr const char* kExpected = "; it should be what `lstopo FILE.xml` writes";

// Parsers recurse into nested elements, so their depth is looked at before.
bool too_deep(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i + 1 < text.size() && depth <= kDeepest; ++i) {
    const char next = text[i + 1];
    if (text[i] == '<' && next != '/' && next != '?' && next != '!') ++depth;
    if ((text[i] == '<' && next == '/') || (text[i] == '/' && next == '>')) --depth;
  }
  return depth > kDeepest;
}

ptree parsed(const std::string& text, const std::string& where) {
  if (too_deep(text)) throw TopologyError(where + ": elements nested too deeply" + kExpected);
  ptree document;
  std::istringstream stream(text);
  try {
    boost::property_tree::read_xml(stream, document, boost::property_tree::xml_parser::no_comments);
  } catch (const boost::property_tree::xml_parser_error& error) {
    throw TopologyError(where + ':' + std::to_string(error.line()) + ": no XML (" + error.message() + ')' + kExpected);
  }
  return document;
}

// An element without what hwloc would read in vain, or could stumble over: distances, user data, page sizes.
ptree needed(const ptree& element) {
  ptree kept;
  for (const auto& [tag, child] : element) {
    if (tag == "object" || tag == "info" || tag == "cpukind") kept.push_back({tag, needed(child)});
    if (tag != "<xmlattr>") continue;
    ptree attributes;
    for (const auto& attribute : child)
      if (attribute.first.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos)
        attributes.push_back(attribute);
    kept.push_back({tag, attributes});
  }
  return kept;
}

struct Sets {
  Bitmap cpuset, complete_cpuset, nodeset, complete_nodeset;  // null: not given
};

class Check {
 public:
  Check(const std::string& where, bool first_format) : where_(where), first_format_(first_format) {}

  void machine(const ptree& topology) const {
    const auto machine = topology.find("object");
    if (machine == topology.not_found() || attribute(machine->second, "type") != "Machine" ||
        topology.count("object") != 1)
      throw TopologyError(where_ + ": should hold one object, of type Machine" + kExpected);
    check(machine->second, nullptr);
    check_allowed(machine->second, "allowed_cpuset", threads_.get());
    if (!first_format_ || !hwloc_bitmap_iszero(numa_nodes_.get()))
      check_allowed(machine->second, "allowed_nodeset", numa_nodes_.get());
  }

 private:
  static std::string attribute(const ptree& object, const std::string& name) {
    return object.get<std::string>("<xmlattr>." + name, "");
  }

  [[noreturn]] void fail(const ptree& object, const std::string& what) const {
    throw TopologyError(where_ + ": object " + attribute(object, "type") + " P#" + attribute(object, "os_index") + ' ' +
                        what + kExpected);
  }

  Bitmap set_of(const ptree& object, const std::string& name) const {
    const std::string text = attribute(object, name);
    if (text.empty()) return nullptr;
    Bitmap set = new_bitmap();
    const bool plain = text.find_first_not_of("0123456789abcdefABCDEFx,.") == std::string::npos;
    if (!plain || hwloc_bitmap_sscanf(set.get(), text.c_str()) != 0) fail(object, "has a wrong " + name + ", " + text);
    return set;
  }

  Sets sets_of(const ptree& object) const {
    Sets sets{set_of(object, "cpuset"), set_of(object, "complete_cpuset"), set_of(object, "nodeset"),
              set_of(object, "complete_nodeset")};
    if (sets.cpuset == nullptr || sets.complete_cpuset == nullptr)
      fail(object, "should have a cpuset and a complete_cpuset");
    if (!first_format_ && (sets.nodeset == nullptr || sets.complete_nodeset == nullptr))
      fail(object, "should have a nodeset and a complete_nodeset");
    const hwloc_bitmap_t all = sets.complete_cpuset.get();
    if (hwloc_bitmap_weight(all) < 0 || hwloc_bitmap_last(all) > kHighestThread)
      fail(object, "should have no hardware thread beyond " + std::to_string(kHighestThread));
    if (!hwloc_bitmap_isincluded(sets.cpuset.get(), all)) fail(object, "should have its cpuset in its complete_cpuset");
    return sets;
  }

  // I/O and annotations have no sets and nothing but their like below.
  static bool has_sets(const std::string& type) {
    return type != "Bridge" && type != "PCIDev" && type != "OSDev" && type != "Misc";
  }
  bool is_memory(const std::string& type) const { return !first_format_ && (type == "NUMANode" || type == "MemCache"); }

  // A PU or NUMA node is the one member of its set, and the only one of its index.
  void check_index(const ptree& object, hwloc_const_bitmap_t set, hwloc_bitmap_t seen) const {
    const int index = set != nullptr && hwloc_bitmap_weight(set) == 1 ? hwloc_bitmap_first(set) : -1;
    if (index < 0 || std::to_string(index) != attribute(object, "os_index"))
      fail(object, "should have its os_index, and nothing else, in its set");
    if (hwloc_bitmap_isset(seen, index)) fail(object, "should be there only once");
    hwloc_bitmap_set(seen, index);
  }

  // What the machine may use of what it has.
  void check_allowed(const ptree& machine, const std::string& name, hwloc_const_bitmap_t all) const {
    const Bitmap allowed = set_of(machine, name);
    if (hwloc_bitmap_iszero(all) || (allowed != nullptr && !hwloc_bitmap_intersects(allowed.get(), all)))
      fail(machine, "should hold objects of its " + name);
  }

  void check(const ptree& object, const Sets* parent) const {
    const std::string type = attribute(object, "type");
    const Sets sets = sets_of(object);
    if (parent != nullptr && (!hwloc_bitmap_isincluded(sets.cpuset.get(), parent->cpuset.get()) ||
                              !hwloc_bitmap_isincluded(sets.complete_cpuset.get(), parent->complete_cpuset.get())))
      fail(object, "should have its cpusets in those of the object around it");
    if (type == "PU") check_index(object, sets.complete_cpuset.get(), threads_.get());
    if (type == "NUMANode") check_index(object, sets.nodeset.get(), numa_nodes_.get());
    Bitmap before;  // the threads of the last child
    for (const auto& [tag, child] : object) {
      const std::string child_type = attribute(child, "type");
      if (tag != "object" || !has_sets(child_type)) continue;
      check(child, &sets);
      if (is_memory(child_type)) continue;
      Bitmap threads = set_of(child, "complete_cpuset");
      if (before != nullptr && hwloc_bitmap_compare_first(threads.get(), before.get()) < 0)
        fail(child, "should stand in the order of the hardware threads");
      before = std::move(threads);
    }
  }

  const std::string& where_;
  const bool first_format_;
  const Bitmap threads_ = new_bitmap(), numa_nodes_ = new_bitmap();  // that were met
};

}  // namespace

std::string checked_lstopo_xml(const std::string& text, const std::string& where) {
  const ptree document = parsed(text, where);
  const auto topology = document.find("topology");
  if (topology == document.not_found()) throw TopologyError(where + ": has no element `topology`" + kExpected);
  const bool first_format = topology->second.get<std::string>("<xmlattr>.version", "").empty();
  Check(where, first_format).machine(topology->second);

  ptree plain;
  plain.add_child("topology", needed(topology->second));
  std::ostringstream stream;
  boost::property_tree::write_xml(stream, plain);
  return boost::replace_all_copy(stream.str(), "&apos;", "'");  // which hwloc's own parser does not know
}

}  // namespace wattfill
