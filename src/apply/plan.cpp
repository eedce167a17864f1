// Reads reports and choices as plans.
//
// A report can be large: groups are turned into what is needed of them as soon
// as they are read, and their JSON is forgotten.
#include <array>
#include <set>
#include <unordered_map>
#include <utility>

#include "apply/fields.hpp"
#include "vam/apply.hpp"

namespace vam {
namespace {

constexpr std::string_view kReport = "vam-analyze/1";
constexpr std::string_view kChoices = "vam-analyze-choices/1";
/// Of what a report says anything, nothing lies deeper.
constexpr int kMaxDepth = 16;

struct NamedMatch {
  std::string_view name;
  MatchKind match;
};
const std::array kMatches = {
    NamedMatch{to_string(MatchKind::exact), MatchKind::exact},
    NamedMatch{to_string(MatchKind::same_image), MatchKind::same_image},
    NamedMatch{to_string(MatchKind::similar), MatchKind::similar},
};

struct NamedChoice {
  std::string_view name;
  Choice choice;
};
constexpr std::array kChoiceNames = {
    NamedChoice{"keep", Choice::keep},
    NamedChoice{"remove", Choice::remove},
    NamedChoice{"different", Choice::different},
};

PlanFile file_of(const Fields& fields) {
  PlanFile file;
  file.path = fields.path("path");
  file.size_bytes = fields.whole("size");
  file.mtime_ns = fields.time("mtime");
  file.digest = fields.digest("checksum");
  file.match = fields.named("match", kMatches).match;
  if (fields.has("copy_of")) file.copy_of = fields.path("copy_of");
  for (const Fields& link : fields.list("hard_links")) {
    file.hard_links.push_back(link.path("path"));
  }
  file.is_reference = fields.flag("is_reference");
  file.has_own_companions = fields.flag("has_own_companions");
  file.has_companions = !fields.list("companions").empty();
  if (fields.has("set")) file.set = fields.text("set");
  if (fields.has("choice")) {
    file.choice = fields.named("choice", kChoiceNames).choice;
  }
  return file;
}

PlanGroup group_of(const Fields& fields) {
  PlanGroup group;
  for (const Fields& file : fields.list("files")) {
    if (file.flag("is_keeper") != group.files.empty()) {
      file.refuse("is_keeper", "only the first file is the keeper");
    }
    group.files.push_back(file_of(file));
  }
  if (group.files.empty()) fields.refuse("files", "there are none");
  return group;
}

class PlanReader {
 public:
  Plan read(std::string_view text) {
    Json rest;
    try {
      rest = Json::parse(
          text.begin(), text.end(),
          [this](int depth, Json::parse_event_t event, Json& value) {
            return take(depth, event, value);
          });
    } catch (const Json::parse_error& error) {
      throw FatalError("this is no JSON (byte " + std::to_string(error.byte) +
                       ")");
    } catch (const Json::out_of_range&) {
      throw FatalError("a number is out of range");
    }
    take_head(Fields(rest, "plan"));
    check_paths();
    return std::move(plan_);
  }

 private:
  /// Whether to keep the value; throws for what a plan cannot be.
  bool take(int depth, Json::parse_event_t event, Json& value) {
    using Event = Json::parse_event_t;
    const bool starts =
        event == Event::object_start || event == Event::array_start;
    if (starts && depth >= kMaxDepth) throw FatalError("nested too deeply");
    if (depth == 1) {
      if (event == Event::key) {
        key_ = value.get<std::string>();
        if (!keys_.insert(key_).second) {
          throw FatalError(key_ + ": is there twice");
        }
        count_ = 0;
        return is_needed();
      }
      if (is_list() && event != Event::array_start &&
          event != Event::array_end) {
        refuse_field(key_, "not a list");
      }
      return true;
    }
    if (depth != 2 || !is_list() || event == Event::object_start ||
        event == Event::key) {
      return true;
    }
    const std::string where = key_ + '[' + std::to_string(count_++) + ']';
    const Fields fields(value, where);
    if (key_ == "groups") plan_.groups.push_back(group_of(fields));
    if (key_ == "sets") take_set(fields);
    return false;
  }

  /// Nothing else is kept in memory.
  bool is_needed() const {
    return is_list() || key_ == "schema" || key_ == "settings" ||
           key_ == "sources" || key_ == "sources_bytes" ||
           key_ == "reference" || key_ == "reference_bytes";
  }

  bool is_list() const { return key_ == "groups" || key_ == "sets"; }

  void take_set(const Fields& fields) {
    const std::string kind = fields.text("kind");
    for (const Fields& file : fields.list("files")) {
      sets_[file.path("path")] = kind;
    }
  }

  void take_head(const Fields& head) {
    const std::string schema = head.text("schema");
    if (schema != kReport && schema != kChoices) {
      head.refuse("schema", "\"" + schema + "\" is neither " +
                                std::string(kReport) + " nor " +
                                std::string(kChoices));
    }
    if (!keys_.contains("groups")) head.refuse("groups", "is missing");
    plan_.is_chosen = schema == kChoices;
    // Reports have them among the settings.
    const Fields settings = plan_.is_chosen ? head : head.object("settings");
    plan_.sources = settings.paths("sources");
    plan_.references = settings.paths("reference");
  }

  void check_paths() {
    std::set<std::string_view> seen;
    for (PlanGroup& group : plan_.groups) {
      for (PlanFile& file : group.files) {
        check_path(file, seen);
        file.is_reference = file.is_reference || is_below_reference(file);
        const auto set = sets_.find(file.path);
        if (set != sets_.end()) file.set = set->second;
      }
    }
  }

  void check_path(const PlanFile& file,
                  std::set<std::string_view>& seen) const {
    bool is_in_source = false;
    for (const std::string& source : plan_.sources) {
      is_in_source = is_in_source || lies_in(file.path, source);
    }
    if (!is_in_source) refuse_field(file.path, "lies in no source of the plan");
    if (!seen.insert(file.path).second) {
      refuse_field(file.path, "is there twice");
    }
  }

  bool is_below_reference(const PlanFile& file) const {
    for (const std::string& folder : plan_.references) {
      if (lies_in(file.path, folder)) return true;
      for (const std::string& link : file.hard_links) {
        if (lies_in(link, folder)) return true;
      }
    }
    return false;
  }

  Plan plan_;
  std::string key_;  ///< of the whole, in which the reader is
  std::set<std::string> keys_;
  std::size_t count_ = 0;  ///< of the list's values so far
  std::unordered_map<std::string, std::string> sets_;  ///< kinds by path
};

}  // namespace

Plan parse_plan(std::string_view json) { return PlanReader().read(json); }

}  // namespace vam
