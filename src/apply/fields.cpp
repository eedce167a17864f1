#include "apply/fields.hpp"

#include <optional>
#include <utility>

#include "report/escape.hpp"
#include "vam/error.hpp"

namespace vam {
namespace {

std::string exact_path(const Fields& fields, const std::string& key,
                       const Json& readable, const Json* base64) {
  if (!readable.is_string()) fields.refuse(key, "not a string");
  std::string path = readable.get<std::string>();
  if (base64 != nullptr) {
    const auto bytes = base64->is_string()
                           ? from_base64(base64->get<std::string>())
                           : std::nullopt;
    if (!bytes) fields.refuse(key + "_bytes", "not base64");
    path = *bytes;
  }
  if (!is_plain_path(path)) {
    fields.refuse(key, "not an absolute path without . and ..");
  }
  return path;
}

}  // namespace

void refuse_field(const std::string& where, const std::string& what) {
  throw FatalError(where + ": " + what);
}

Fields::Fields(const Json& json, std::string where)
    : json_(&json), where_(std::move(where)) {
  if (!json.is_object()) refuse_field(where_, "not an object");
}

bool Fields::has(const std::string& key) const {
  const auto found = json_->find(key);
  return found != json_->end() && !found->is_null();
}

const Json& Fields::at(const std::string& key) const {
  const auto found = json_->find(key);
  if (found == json_->end()) refuse(key, "is missing");
  return *found;
}

void Fields::refuse(const std::string& key, const std::string& what) const {
  refuse_field(where_ + '.' + key, what);
}

std::string Fields::text(const std::string& key) const {
  const Json& value = at(key);
  if (!value.is_string()) refuse(key, "not a string");
  return value.get<std::string>();
}

bool Fields::flag(const std::string& key) const {
  const auto found = json_->find(key);
  if (found == json_->end()) return false;
  if (!found->is_boolean()) refuse(key, "neither true nor false");
  return found->get<bool>();
}

std::uint64_t Fields::whole(const std::string& key) const {
  const Json& value = at(key);
  if (!value.is_number_unsigned()) refuse(key, "not a whole number");
  return value.get<std::uint64_t>();
}

std::int64_t Fields::time(const std::string& key) const {
  const auto ns = parse_time(text(key));
  if (!ns) refuse(key, "not a time such as 2024-01-31T23:59:59.000000000Z");
  return *ns;
}

Digest Fields::digest(const std::string& key) const {
  const auto digest = digest_from_hex(text(key));
  if (!digest) refuse(key, "not 32 hexadecimal digits");
  return *digest;
}

std::string Fields::path(const std::string& key) const {
  const auto bytes = json_->find(key + "_bytes");
  return exact_path(*this, key, at(key),
                    bytes == json_->end() ? nullptr : &*bytes);
}

std::vector<std::string> Fields::paths(const std::string& key) const {
  const Json& list = at(key);
  const auto found = json_->find(key + "_bytes");
  const Json* bytes = found == json_->end() ? nullptr : &*found;
  if (!list.is_array()) refuse(key, "not a list");
  if (bytes != nullptr &&
      (!bytes->is_array() || bytes->size() != list.size())) {
    refuse(key + "_bytes", "not a list of as many strings");
  }
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < list.size(); ++i) {
    paths.push_back(exact_path(*this, key, list[i],
                               bytes == nullptr ? nullptr : &(*bytes)[i]));
  }
  return paths;
}

std::vector<Fields> Fields::list(const std::string& key) const {
  std::vector<Fields> fields;
  const auto found = json_->find(key);
  if (found == json_->end()) return fields;
  if (!found->is_array()) refuse(key, "not a list");
  for (const Json& value : *found) {
    fields.emplace_back(
        value, where_ + '.' + key + '[' + std::to_string(fields.size()) + ']');
  }
  return fields;
}

Fields Fields::object(const std::string& key) const {
  return {at(key), where_ + '.' + key};
}

void add_path(Json& json, const std::string& key, const std::string& path) {
  json[key] = to_utf8(path);
  if (!is_utf8(path)) json[key + "_bytes"] = to_base64(path);
}

bool is_plain_path(std::string_view path) {
  if (path == "/") return true;
  if (!path.starts_with('/') || path.find('\0') != path.npos) return false;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view name = path.substr(0, path.find('/'));
    if (name.empty() || name == "." || name == "..") return false;
    path.remove_prefix(name.size());
  }
  return true;
}

bool lies_in(std::string_view path, std::string_view folder) {
  return folder == "/" || path == folder ||
         (path.starts_with(folder) && path[folder.size()] == '/');
}

}  // namespace vam
