// lstopo's XML before hwloc reads it. hwloc 2.9 trusts such a file: sets that are missing crash it, objects in a wrong
// order make it print to the standard error, and without its libxml2 plugin it takes only XML as it writes it itself.
#pragma once

#include <string>

namespace wattfill {

// The objects and kinds of cores of the text, in the form of hwloc 1 or 2 that it has, as hwloc reads them safely with
// or without libxml2. Throws TopologyError, which begins with `where`: with the line where the text is no XML, with the
// object where hwloc could not rely on it.
std::string checked_lstopo_xml(const std::string& text, const std::string& where);

}  // namespace wattfill
