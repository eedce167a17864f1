#include "catalog/local_queue.hpp"

#include <algorithm>
#include <utility>

namespace vam {

void LocalSearch::join(const Digest& /*key*/) { units_.clear(); }

bool LocalSearch::ask(std::span<const Digest> units) {
  units_.clear();
  units_.resize(units.size());
  return false;
}

std::optional<UnitLease> LocalSearch::take(std::size_t end, std::size_t most) {
  UnitLease lease{last_token_ + 1, {}, 0};
  for (std::size_t place = 0; place < std::min(end, units_.size()); ++place) {
    if (lease.units.size() == most) break;
    Unit& unit = units_[place];
    if (unit.token != 0) continue;
    unit.token = lease.token;
    lease.units.push_back({place, static_cast<std::int64_t>(place)});
  }
  if (lease.units.empty()) return std::nullopt;
  last_token_ = lease.token;
  return lease;
}

bool LocalSearch::answer(const UnitLease& lease, std::size_t unit,
                         std::string_view answer) {
  const std::size_t place = lease.units.at(unit).place;
  if (place >= units_.size() || units_[place].token != lease.token) {
    return false;
  }
  units_[place].answer = answer;
  return true;
}

void LocalSearch::give_back(const UnitLease& lease) {
  for (Unit& unit : units_) {
    if (unit.token == lease.token && !unit.answer) unit.token = 0;
  }
}

std::vector<UnitAnswer> LocalSearch::answers(
    std::span<const std::size_t> units) {
  std::vector<UnitAnswer> answers;
  for (const std::size_t place : units) {
    if (units_.at(place).answer) {
      answers.push_back({place, *units_[place].answer});
    }
  }
  return answers;
}

void LocalQueue::join(const Digest& /*key*/, const std::string& /*decoders*/,
                      const std::function<std::vector<QueuedFile>()>& plan) {
  result_ = {};
  files_ = plan();
  ++token_;
  state_ = files_.empty() ? State::done : State::ready;
}

std::optional<Chunk> LocalQueue::take() {
  if (state_ != State::ready) return std::nullopt;
  state_ = State::leased;
  return Chunk{1, ++token_, std::exchange(files_, {})};
}

bool LocalQueue::holds(const Chunk& chunk) const {
  return state_ != State::ready && chunk.token == token_;
}

bool LocalQueue::complete(const Chunk& chunk, ChunkResult result) {
  if (!holds(chunk)) return false;
  if (state_ == State::done) return true;
  if (!result.learned.empty()) catalog_.store(result.learned);
  result_ = {std::move(result.outcomes), result.bytes_read};
  state_ = State::done;
  return true;
}

void LocalQueue::give_back(const Chunk& chunk) {
  if (!holds(chunk) || state_ == State::done) return;
  files_ = chunk.files;
  state_ = State::ready;
}

JobResult LocalQueue::result() { return std::exchange(result_, {}); }

}  // namespace vam
