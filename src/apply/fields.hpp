// Fields of JSON that somebody else wrote: checked one by one, and named where
// they are wrong.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "vam/photo.hpp"

namespace vam {

using Json = nlohmann::ordered_json;

/// Throws FatalError: "<where>: <what>".
[[noreturn]] void refuse_field(const std::string& where,
                               const std::string& what);

/// The fields of one object. All but the optional ones throw FatalError if they
/// are missing or of another type.
class Fields {
 public:
  /// Throws FatalError if it is no object. `json` has to outlive this.
  Fields(const Json& json, std::string where);

  const std::string& where() const { return where_; }
  bool has(const std::string& key) const;  ///< and it is not null

  std::string text(const std::string& key) const;
  /// False if it is missing.
  bool flag(const std::string& key) const;
  std::uint64_t whole(const std::string& key) const;
  std::int64_t time(const std::string& key) const;
  Digest digest(const std::string& key) const;
  /// The raw bytes of `key`, or of `key`_bytes if that is there: an absolute
  /// path without empty names, "." and "..".
  std::string path(const std::string& key) const;
  std::vector<std::string> paths(const std::string& key) const;
  /// The row whose `name` this is.
  template <class Table>
  const auto& named(const std::string& key, const Table& table) const {
    const std::string name = text(key);
    for (const auto& row : table) {
      if (row.name == name) return row;
    }
    refuse(key, "\"" + name + "\" is unknown");
  }
  /// Missing: empty.
  std::vector<Fields> list(const std::string& key) const;
  Fields object(const std::string& key) const;

  [[noreturn]] void refuse(const std::string& key,
                           const std::string& what) const;

 private:
  const Json& at(const std::string& key) const;

  const Json* json_;
  std::string where_;
};

/// Adds raw bytes: readable under `key`, exact under `key`_bytes if that is not
/// all.
void add_path(Json& json, const std::string& key, const std::string& path);

/// Whether this is an absolute path that nothing but its names decides about.
bool is_plain_path(std::string_view path);

/// Whether the path is the folder's or below it.
bool lies_in(std::string_view path, std::string_view folder);

}  // namespace vam
