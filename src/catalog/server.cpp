// Catalogs on a server, as far as this build knows any.
#include "catalog/server.hpp"

#include <algorithm>
#include <string>
#include <utility>

#if VAM_POSTGRES_BUILT
#include <libpq-fe.h>

#include "catalog/postgres.hpp"
#endif

namespace vam {
namespace {

/// Without the parameters, which may be written in more than one way.
std::string address_to_refuse(const std::string& address) {
  std::string shown = shown_address(address);
  const std::size_t query = shown.find('?');
  if (query != std::string::npos) {
    shown.replace(query + 1, std::string::npos, "...");
  }
  return shown;
}

}  // namespace

bool is_server_catalog(std::string_view address) {
  return address.starts_with("postgresql://") ||
         address.starts_with("postgres://");
}

std::string shown_address(std::string_view address) {
  std::string shown(address);
  const std::size_t begin = shown.find("//");
  const std::size_t end = shown.rfind('@');
  if (begin != std::string::npos && end != std::string::npos) {
    const std::size_t colon = shown.find(':', begin);
    if (colon < end) shown.replace(colon + 1, end - colon - 1, "...");
  }
  const std::string_view key = "password=";
  for (std::size_t at = shown.find(key); at != std::string::npos;
       at = shown.find(key, at)) {
    at += key.size();
    shown.replace(at, std::min(shown.find('&', at), shown.size()) - at, "...");
  }
  return shown;
}

void throw_password(const std::string& address) {
  throw FatalError(
      "the address " + address_to_refuse(address) +
      " holds a password, which everybody on this machine could see: give it "
      "in PGPASSFILE, PGPASSWORD or a service file");
}

void throw_unreadable(const std::string& address, const std::string& problem) {
  throw FatalError("the address " + address_to_refuse(address) +
                   " cannot be read: " + problem);
}

std::string server_library() {
#if VAM_POSTGRES_BUILT
  const int version = PQlibVersion();
  return "libpq " + std::to_string(version / 10'000) + "." +
         std::to_string(version % 10'000);
#else
  return "";
#endif
}

std::unique_ptr<Catalog> open_server_catalog(const std::string& address,
                                             std::vector<NamedSource> names,
                                             const CatalogAccess& access) {
  if (shown_address(address) != address) throw_password(address);
#if VAM_POSTGRES_BUILT
  return open_postgres(address, std::move(names), access);
#else
  static_cast<void>(names);
  static_cast<void>(access);
  throw FatalError("this build has no catalogs on a server: " + address +
                   " needs one that was made with -D VAM_POSTGRES=ON");
#endif
}

}  // namespace vam
