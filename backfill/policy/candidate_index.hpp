// The queued jobs, ready for one question: which is the first, in an order, of those that a hole can take?
//
// Jobs of one shape (processors, fit and fill estimate, order class) are served first in, first out, so only the head
// of each shape competes. Shapes form a treap with that key; every vertex knows, for its subtree, the smallest
// estimates and the shape whose head comes first. "Nothing fits" is answered by the estimates alone; the winners prune
// the search for the first that does. Where scores change with time a winner carries the time until which it stands (a
// kinetic tournament), and a search first mends the winners whose time has come.
//
// insert, erase: O(1) within a shape that has a head, else O(log shapes): shapes are found by hash, and vertices know
// their parents, so that a new head costs a walk up as far as its shape had won. first_in: O(log shapes) where nothing
// fits, and in practice a few dozen vertices where something does; O(1) where not even the narrowest width of all has a
// fit estimate short enough.
#pragma once

#include <cstdint>
#include <vector>

#include "backfill/policy/job_table.hpp"
#include "backfill/policy/order.hpp"
#include "backfill/timeline/hole.hpp"

namespace wattfill {

class CandidateIndex {
 public:
  // `role`: which of a job's two scores and links this index uses. An index that will only be asked for its first job
  // need not tell fit estimates apart (nor widths, where the order does not), and is one plain list in the case of
  // arrival.
  enum class Asked { kFirstOnly, kFirstInHole };
  CandidateIndex(JobTable& jobs, Order order, int role, Asked asked);

  // The job's score for the role must be set.
  void insert(Slot slot, SimTime now);
  void erase(Slot slot, SimTime now);

  bool empty() const { return root_ == kNone; }
  std::size_t size() const { return size_; }

  // The first job of all, or of those that the hole can take by this estimate; kNoSlot if there is none.
  Slot first(SimTime now);
  Slot first_in(const Hole& hole, FillBy estimate, SimTime now);

  // What decides between two jobs.
  Rank rank_of(Slot slot) const;

  // Calls visit(slot) for every job, in no particular order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    visit_subtree(root_, visit);
  }

 private:
  using Index = std::uint32_t;
  static constexpr Index kNone = 0xffffffffU;

  // Estimates in seconds; what is longer than 68 years counts as that.
  struct Key {
    std::int64_t processors;
    std::int32_t fit;
    std::int32_t fill;
    std::int64_t order_class;
    auto operator<=>(const Key&) const = default;
  };
  // What a walk reads is in the first cache line.
  struct alignas(64) Vertex {
    Key key;
    std::int32_t min_fit;  // of the subtree
    std::int32_t min_fill;
    SimTime winner_until;
    Index winner;    // of the subtree
    Index child[2];  // keys below and above
    Index parent;
    std::uint32_t priority;
    Slot head;

    Rank rank;  // of the head
    Slot tail;
    Index next;  // in the chain of its hash
  };

  Key key_of(Slot slot) const;
  Index allocate(const Key& key);
  void insert_vertex(Index vertex, SimTime now);
  void erase_vertex(Index vertex, SimTime now);
  Index join(Index left, Index right, SimTime now);
  void split(Index root, const Key& key, Index& left, Index& right, SimTime now);
  void set_child(Index vertex, int side, Index child);
  void update(Index vertex, SimTime now);
  void update_path(Index vertex, SimTime now);
  void update_winners(Index vertex, SimTime now);
  void challenge(Vertex& v, Index child, SimTime now);
  void mend(Index vertex, SimTime now);
  std::size_t bucket_of(const Key& key) const;
  void add_to_bucket(Index vertex);
  void remove_from_bucket(Index vertex);
  void grow_buckets();
  Index find(const Key& key) const;
  std::int64_t narrowest();
  template <FillBy kEstimate>
  void search(Index vertex, Seconds window, const Hole& hole, SimTime now, Index& best) const;

  template <class Visit>
  void visit_subtree(Index vertex, Visit& visit) const {
    if (vertex == kNone) return;
    visit_subtree(vertices_[vertex].child[0], visit);
    for (Slot s = vertices_[vertex].head; s != kNoSlot; s = jobs_[s].link[role_].next) visit(s);
    visit_subtree(vertices_[vertex].child[1], visit);
  }

  JobTable& jobs_;
  Order order_;
  bool time_varying_;
  int role_;
  bool keyed_by_width_;
  bool keyed_by_fit_;
  Index root_ = kNone;
  std::size_t size_ = 0;
  std::uint64_t priority_state_ = 0x9e3779b97f4a7c15ULL;
  std::vector<Vertex> vertices_;
  std::vector<Index> free_;
  std::vector<Index> buckets_;  // by hash: the first vertex of the chain; a power of two, no fewer than vertices
  std::int64_t narrowest_ = 0;  // processors of the leftmost vertex, 0 where that is not known
};

}  // namespace wattfill
