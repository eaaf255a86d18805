#include "backfill/policy/candidate_index.hpp"

#include <algorithm>
#include <limits>

namespace wattfill {
namespace {

std::int32_t capped(Seconds estimate) {
  return static_cast<std::int32_t>(std::min<std::int64_t>(estimate.count(), std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

CandidateIndex::CandidateIndex(JobTable& jobs, Order order, int role, Asked asked)
    : jobs_(jobs),
      order_(order),
      time_varying_(info(order).time_varying),
      role_(role),
      keyed_by_width_(asked == Asked::kFirstInHole || info(order).uses_estimate),
      keyed_by_fit_(asked == Asked::kFirstInHole),
      buckets_(16, kNone) {}

CandidateIndex::Key CandidateIndex::key_of(Slot slot) const {
  const JobEntry& e = jobs_[slot];
  return {keyed_by_width_ ? e.job.processors : 0, keyed_by_fit_ ? capped(e.fit) : 0, keyed_by_fit_ ? capped(e.fill) : 0,
          order_class(order_, e.job, e.order)};
}

Rank CandidateIndex::rank_of(Slot slot) const {
  const JobEntry& e = jobs_[slot];
  return {e.score[role_], e.job.submit, e.job.id};
}

CandidateIndex::Index CandidateIndex::allocate(const Key& key) {
  Index v;
  if (free_.empty()) {
    if (vertices_.size() == buckets_.size()) grow_buckets();
    v = static_cast<Index>(vertices_.size());
    vertices_.emplace_back();
  } else {
    v = free_.back();
    free_.pop_back();
  }
  // xorshift64*: the shape of the treap depends on the sequence of calls only.
  priority_state_ ^= priority_state_ >> 12;
  priority_state_ ^= priority_state_ << 25;
  priority_state_ ^= priority_state_ >> 27;
  Vertex& vertex = vertices_[v];
  vertex.key = key;
  vertex.child[0] = vertex.child[1] = vertex.parent = kNone;
  vertex.priority = static_cast<std::uint32_t>((priority_state_ * 0x2545f4914f6cdd1dULL) >> 32);
  vertex.head = vertex.tail = kNoSlot;
  add_to_bucket(v);
  return v;
}

void CandidateIndex::challenge(Vertex& v, Index child, SimTime now) {
  const Vertex& c = vertices_[child];
  v.min_fit = std::min(v.min_fit, c.min_fit);
  v.min_fill = std::min(v.min_fill, c.min_fill);
  v.winner_until = std::min(v.winner_until, c.winner_until);
  const Rank& holder = vertices_[v.winner].rank;
  const Rank& challenger = vertices_[c.winner].rank;
  const bool wins = precedes(challenger, holder, now);
  if (time_varying_)
    v.winner_until =
        std::min(v.winner_until, wins ? overtakes(challenger, holder, now) : overtakes(holder, challenger, now));
  if (wins) v.winner = c.winner;
}

void CandidateIndex::update(Index index, SimTime now) {
  Vertex& v = vertices_[index];
  v.min_fit = v.key.fit;
  v.min_fill = v.key.fill;
  v.winner = index;
  v.winner_until = kNever;
  if (v.child[0] != kNone) challenge(v, v.child[0], now);
  if (v.child[1] != kNone) challenge(v, v.child[1], now);
}

void CandidateIndex::mend(Index index, SimTime now) {
  if (index == kNone || vertices_[index].winner_until > now) return;
  mend(vertices_[index].child[0], now);
  mend(vertices_[index].child[1], now);
  update(index, now);
}

void CandidateIndex::set_child(Index vertex, int side, Index child) {
  vertices_[vertex].child[side] = child;
  if (child != kNone) vertices_[child].parent = vertex;
}

void CandidateIndex::split(Index root, const Key& key, Index& left, Index& right, SimTime now) {
  if (root == kNone) {
    left = right = kNone;
    return;
  }
  Index middle = kNone;
  if (vertices_[root].key < key) {
    split(vertices_[root].child[1], key, middle, right, now);
    set_child(root, 1, middle);
    left = root;
  } else {
    split(vertices_[root].child[0], key, left, middle, now);
    set_child(root, 0, middle);
    right = root;
  }
  update(root, now);
}

CandidateIndex::Index CandidateIndex::join(Index left, Index right, SimTime now) {
  if (left == kNone) return right;
  if (right == kNone) return left;
  if (vertices_[left].priority > vertices_[right].priority) {
    set_child(left, 1, join(vertices_[left].child[1], right, now));
    update(left, now);
    return left;
  }
  set_child(right, 0, join(left, vertices_[right].child[0], now));
  update(right, now);
  return right;
}

// Above the place of a new vertex a subtree's winner can only change to the newcomer. Where scores change with time the
// subtree's time of validity changes too, and the path is updated in full afterwards.
void CandidateIndex::insert_vertex(Index vertex, SimTime now) {
  Vertex& v = vertices_[vertex];
  if (root_ == kNone || v.key.processors < narrowest_) narrowest_ = v.key.processors;
  Index* place = &root_;
  while (*place != kNone && vertices_[*place].priority >= v.priority) {
    Vertex& above = vertices_[*place];
    if (!time_varying_) {
      above.min_fit = std::min(above.min_fit, v.key.fit);
      above.min_fill = std::min(above.min_fill, v.key.fill);
      if (precedes(v.rank, vertices_[above.winner].rank, now)) above.winner = vertex;
    }
    v.parent = *place;
    place = &above.child[above.key < v.key];
  }
  Index below = kNone;
  Index above = kNone;
  split(*place, v.key, below, above, now);
  *place = vertex;
  set_child(vertex, 0, below);
  set_child(vertex, 1, above);
  if (time_varying_)
    update_path(vertex, now);
  else
    update(vertex, now);
}

// Above an erased vertex a subtree changes only where the vertex was the winner or had the smallest estimate.
void CandidateIndex::erase_vertex(Index vertex, SimTime now) {
  Vertex& v = vertices_[vertex];
  const Index rest = join(v.child[0], v.child[1], now);
  if (v.parent == kNone) {
    root_ = rest;
    if (rest != kNone) vertices_[rest].parent = kNone;
  } else {
    set_child(v.parent, vertices_[v.parent].child[1] == vertex, rest);
  }
  for (Index above = v.parent; above != kNone; above = vertices_[above].parent) {
    const Vertex& a = vertices_[above];
    if (!time_varying_ && a.winner != vertex && a.min_fit < v.key.fit && a.min_fill < v.key.fill) break;
    update(above, now);
  }
  if (v.key.processors == narrowest_) narrowest_ = 0;
  remove_from_bucket(vertex);
  free_.push_back(vertex);
}

std::size_t CandidateIndex::bucket_of(const Key& key) const {
  const auto word = [](std::int64_t part) { return static_cast<std::uint64_t>(part); };
  const std::uint64_t estimates = word(key.fit) + (word(key.fill) << 32);
  const std::uint64_t hash = (word(key.processors) * 1009 + estimates) * 31 + word(key.order_class);
  return static_cast<std::size_t>((hash * 0x9e3779b97f4a7c15ULL) >> 32) & (buckets_.size() - 1);
}

void CandidateIndex::add_to_bucket(Index vertex) {
  Index& first = buckets_[bucket_of(vertices_[vertex].key)];
  vertices_[vertex].next = first;
  first = vertex;
}

void CandidateIndex::remove_from_bucket(Index vertex) {
  Index* place = &buckets_[bucket_of(vertices_[vertex].key)];
  while (*place != vertex) place = &vertices_[*place].next;
  *place = vertices_[vertex].next;
}

// Only when all vertices are in use.
void CandidateIndex::grow_buckets() {
  buckets_.assign(buckets_.size() * 2, kNone);
  for (Index v = 0; v < vertices_.size(); ++v) add_to_bucket(v);
}

CandidateIndex::Index CandidateIndex::find(const Key& key) const {
  Index v = buckets_[bucket_of(key)];
  while (v != kNone && vertices_[v].key != key) v = vertices_[v].next;
  return v;
}

// The fewest processors of all shapes. The index must not be empty.
std::int64_t CandidateIndex::narrowest() {
  if (narrowest_ == 0) {
    Index v = root_;
    while (vertices_[v].child[0] != kNone) v = vertices_[v].child[0];
    narrowest_ = vertices_[v].key.processors;
  }
  return narrowest_;
}

void CandidateIndex::update_path(Index vertex, SimTime now) {
  for (Index v = vertex; v != kNone; v = vertices_[v].parent) update(v, now);
}

// The head of a shape has changed to one that comes later: only subtrees that the shape had won can change, and above
// one that it had not won there is none.
void CandidateIndex::update_winners(Index vertex, SimTime now) {
  if (time_varying_) {
    update_path(vertex, now);
    return;
  }
  for (Index v = vertex; v != kNone && vertices_[v].winner == vertex; v = vertices_[v].parent) update(v, now);
}

void CandidateIndex::insert(Slot slot, SimTime now) {
  ++size_;
  const Key key = key_of(slot);
  const Rank rank = rank_of(slot);
  FifoLink& link = jobs_[slot].link[role_];
  Index v = find(key);
  if (v == kNone) {
    v = allocate(key);
    vertices_[v].head = vertices_[v].tail = slot;
    vertices_[v].rank = rank;
    link = {kNoSlot, kNoSlot, v};
    insert_vertex(v, now);
    return;
  }
  // Nearly always the last, or the first, whose reservation stood aside; a requeued job goes back to its place.
  Slot before = precedes(rank, vertices_[v].rank, now) ? kNoSlot : vertices_[v].tail;
  while (before != kNoSlot && precedes(rank, rank_of(before), now)) before = jobs_[before].link[role_].previous;
  const Slot after = before == kNoSlot ? vertices_[v].head : jobs_[before].link[role_].next;
  link = {before, after, v};
  (after == kNoSlot ? vertices_[v].tail : jobs_[after].link[role_].previous) = slot;
  if (before != kNoSlot) {
    jobs_[before].link[role_].next = slot;
    return;
  }
  vertices_[v].head = slot;
  vertices_[v].rank = rank;
  update_path(v, now);
}

void CandidateIndex::erase(Slot slot, SimTime now) {
  --size_;
  const FifoLink link = jobs_[slot].link[role_];
  Vertex& v = vertices_[link.shape];
  if (link.next != kNoSlot)
    jobs_[link.next].link[role_].previous = link.previous;
  else
    v.tail = link.previous;
  if (link.previous != kNoSlot) {
    jobs_[link.previous].link[role_].next = link.next;
    return;
  }
  if (link.next == kNoSlot) {
    erase_vertex(link.shape, now);
    return;
  }
  v.head = link.next;
  v.rank = rank_of(link.next);
  update_winners(link.shape, now);
}

Slot CandidateIndex::first(SimTime now) {
  if (root_ == kNone) return kNoSlot;
  if (time_varying_) mend(root_, now);
  return vertices_[vertices_[root_].winner].head;
}

// `window`: how long the narrowest jobs of the subtree may run.
template <FillBy kEstimate>
void CandidateIndex::search(Index index, Seconds window, const Hole& hole, SimTime now, Index& best) const {
  const auto estimate = [](const Vertex& v) { return kEstimate == FillBy::kFit ? v.key.fit : v.key.fill; };
  while (index != kNone) {
    const Vertex& v = vertices_[index];
    if ((kEstimate == FillBy::kFit ? v.min_fit : v.min_fill) > window.count()) return;
    const Vertex& winner = vertices_[v.winner];
    if (best != kNone && !precedes(winner.rank, vertices_[best].rank, now)) return;
    if (estimate(winner) <= hole.window(winner.key.processors).count()) {
      best = v.winner;
      return;
    }
    if (v.key.processors > hole.widest()) {
      index = v.child[0];
      continue;
    }
    const Seconds here = hole.window(v.key.processors);
    if (estimate(v) <= here.count() && (best == kNone || precedes(v.rank, vertices_[best].rank, now))) best = index;
    search<kEstimate>(v.child[0], window, hole, now, best);
    window = here;
    index = v.child[1];
  }
}

Slot CandidateIndex::first_in(const Hole& hole, FillBy estimate, SimTime now) {
  if (root_ == kNone || hole.empty()) return kNoSlot;
  if (time_varying_) mend(root_, now);
  Index best = kNone;
  if (estimate == FillBy::kFit)
    search<FillBy::kFit>(root_, hole.window(narrowest()), hole, now, best);
  else
    search<FillBy::kFill>(root_, hole.window(narrowest()), hole, now, best);
  return best == kNone ? kNoSlot : vertices_[best].head;
}

}  // namespace wattfill
