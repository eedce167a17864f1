#include "catalog/postgres_connection.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

namespace vam {
namespace {

// Of pg_type: fixed for all servers.
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kFloat8 = 701;

constexpr int kBinary = 1;

/// In network order, as all binary values are.
template <class T>
void append_big_endian(std::string& bytes, T value) {
  const auto bits = static_cast<std::make_unsigned_t<T>>(value);
  for (int shift = 8 * (sizeof(T) - 1); shift >= 0; shift -= 8) {
    bytes += static_cast<char>(static_cast<unsigned char>(bits >> shift));
  }
}

template <class T>
T read_big_endian(std::string_view bytes) {
  std::make_unsigned_t<T> bits = 0;
  for (const char byte : bytes) {
    bits = static_cast<std::make_unsigned_t<T>>(
        (bits << 8) | static_cast<unsigned char>(byte));
  }
  return static_cast<T>(bits);
}

/// libpq ends lines; the first one says what happened.
std::string first_line(const char* message) {
  const std::string_view text = message == nullptr ? "" : message;
  return std::string(text.substr(0, text.find('\n')));
}

/// What libpq quotes of an address may be a password, but for the name of a
/// parameter that it does not know.
std::string harmless_part(std::string reason) {
  if (!reason.starts_with("invalid URI query parameter: ")) {
    reason.erase(std::min(reason.find(": \""), reason.size()));
  }
  return reason.empty() ? "out of memory" : reason;
}

std::string state_of(const PGresult* result) {
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? "" : state;
}

}  // namespace

bool PostgresError::is_passing() const {
  // Deadlock, serialization, a server that starts or ends, and this process
  // having been stopped within a transaction.
  return lost_ || state_ == "40P01" || state_ == "40001" || state_ == "57P01" ||
         state_ == "57P02" || state_ == "57P03" || state_ == "25P03";
}

bool PostgresRow::is_null(int column) const {
  return PQgetisnull(result_, row_, column) != 0;
}

std::optional<std::string_view> PostgresRow::of_type(int column,
                                                     Oid type) const {
  if (is_null(column) || PQftype(result_, column) != type) return std::nullopt;
  return std::string_view(
      PQgetvalue(result_, row_, column),
      static_cast<std::size_t>(PQgetlength(result_, row_, column)));
}

std::optional<std::int64_t> PostgresRow::integer(int column) const {
  if (const auto value = of_type(column, kInt8)) {
    return read_big_endian<std::int64_t>(*value);
  }
  if (const auto value = of_type(column, kInt4)) {
    return read_big_endian<std::int32_t>(*value);
  }
  if (const auto value = of_type(column, kInt2)) {
    return read_big_endian<std::int16_t>(*value);
  }
  return std::nullopt;
}

std::optional<double> PostgresRow::real(int column) const {
  const auto value = of_type(column, kFloat8);
  if (!value) return std::nullopt;
  return std::bit_cast<double>(read_big_endian<std::int64_t>(*value));
}

std::optional<std::string_view> PostgresRow::text(int column) const {
  return of_type(column, kText);
}

std::optional<std::string_view> PostgresRow::blob(int column) const {
  return of_type(column, kBytea);
}

void PostgresParameters::add(Oid type, std::optional<std::string> value) {
  types_.push_back(type);
  values_.push_back(std::move(value));
}

void PostgresParameters::null() { add(kBytea, std::nullopt); }

void PostgresParameters::integer(std::int64_t value) {
  std::string bytes;
  append_big_endian(bytes, value);
  add(kInt8, std::move(bytes));
}

void PostgresParameters::real(double value) {
  std::string bytes;
  append_big_endian(bytes, std::bit_cast<std::int64_t>(value));
  add(kFloat8, std::move(bytes));
}

void PostgresParameters::text(std::string_view value) {
  add(kText, std::string(value));
}

void PostgresParameters::blob(std::string_view value) {
  add(kBytea, std::string(value));
}

PostgresCopy::PostgresCopy(int columns) : columns_(columns) {
  constexpr char kSignature[] = "PGCOPY\n\xFF\r\n";
  bytes_.assign(kSignature, sizeof kSignature);  // with its NUL
  append_big_endian(bytes_, std::int32_t{0});    // flags
  append_big_endian(bytes_, std::int32_t{0});    // no extension
}

void PostgresCopy::begin_value(std::int32_t size) {
  if (column_ == 0) {
    append_big_endian(bytes_, static_cast<std::int16_t>(columns_));
  }
  column_ = (column_ + 1) % columns_;
  append_big_endian(bytes_, size);
}

void PostgresCopy::null() { begin_value(-1); }

void PostgresCopy::integer(std::int64_t value) {
  begin_value(sizeof value);
  append_big_endian(bytes_, value);
}

void PostgresCopy::real(double value) {
  begin_value(sizeof value);
  append_big_endian(bytes_, std::bit_cast<std::int64_t>(value));
}

void PostgresCopy::text(std::string_view value) { blob(value); }

void PostgresCopy::blob(std::string_view value) {
  begin_value(static_cast<std::int32_t>(value.size()));
  bytes_ += value;
}

std::string PostgresCopy::finish() {
  append_big_endian(bytes_, std::int16_t{-1});
  return std::move(bytes_);
}

PostgresAddress read_address(const std::string& address) {
  PostgresAddress read;
  char* reason = nullptr;
  PQconninfoOption* const options = PQconninfoParse(address.c_str(), &reason);
  if (options == nullptr) {
    read.problem = harmless_part(first_line(reason));
    PQfreemem(reason);
  }
  for (const PQconninfoOption* option = options;
       option != nullptr && option->keyword != nullptr; ++option) {
    const std::string_view keyword = option->keyword;
    read.holds_password = read.holds_password ||
                          (option->val != nullptr &&
                           (keyword == "password" || keyword == "sslpassword"));
  }
  PQconninfoFree(options);
  return read;
}

PostgresConnection::PostgresConnection(const std::string& address) {
  // What stands in the address counts more than what stands before it.
  constexpr const char* kKeywords[] = {"connect_timeout",
                                       "keepalives_idle",
                                       "keepalives_interval",
                                       "tcp_user_timeout",
                                       "dbname",
                                       "application_name",
                                       nullptr};
  const char* const values[] = {
      "10", "15", "5", "30000", address.c_str(), "vam-analyze", nullptr};
  connection_.reset(PQconnectdbParams(kKeywords, values, 1));
  if (connection_ == nullptr) throw std::bad_alloc();
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    throw PostgresError(first_line(PQerrorMessage(connection_.get())), "",
                        true);
  }
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
}

void PostgresConnection::fail(const PGresult* result) {
  std::string message =
      first_line(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
  if (message.empty()) {
    message = first_line(PQerrorMessage(connection_.get()));
  }
  // Of what it says itself, the server gives the state. Where a write failed,
  // libpq may not have noticed yet what became of the connection.
  std::string state = state_of(result);
  const bool is_lost =
      state.empty() || PQstatus(connection_.get()) != CONNECTION_OK;
  throw PostgresError(message, std::move(state), is_lost);
}

PostgresConnection::Result PostgresConnection::next_result() {
  return Result(PQgetResult(connection_.get()));
}

void PostgresConnection::drain() {
  while (const Result rest = next_result()) {
    // A COPY that was broken off never ends by itself.
    const ExecStatusType status = PQresultStatus(rest.get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) break;
  }
}

PostgresConnection::Result PostgresConnection::checked(Result result) {
  switch (PQresultStatus(result.get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
    case PGRES_COPY_IN:
      return result;
    default:
      drain();
      fail(result.get());
  }
}

void PostgresConnection::run(const std::string& sql) {
  checked(Result(PQexec(connection_.get(), sql.c_str())));
}

void PostgresConnection::send(const std::string& name, const std::string& sql,
                              const PostgresParameters& parameters) {
  std::vector<const char*> values;
  std::vector<int> sizes;
  const std::vector<int> formats(parameters.values_.size(), kBinary);
  for (const auto& value : parameters.values_) {
    values.push_back(value ? value->data() : nullptr);
    sizes.push_back(value ? static_cast<int>(value->size()) : 0);
  }
  const int count = static_cast<int>(values.size());
  const int is_sent =
      name.empty() ? PQsendQueryParams(connection_.get(), sql.c_str(), count,
                                       parameters.types_.data(), values.data(),
                                       sizes.data(), formats.data(), kBinary)
                   : PQsendQueryPrepared(connection_.get(), name.c_str(), count,
                                         values.data(), sizes.data(),
                                         formats.data(), kBinary);
  if (is_sent == 0) fail(nullptr);
}

std::uint64_t PostgresConnection::run(const std::string& sql,
                                      const PostgresParameters& parameters) {
  send("", sql, parameters);
  const Result result = checked(next_result());
  drain();
  const std::string_view touched = PQcmdTuples(result.get());
  return touched.empty() ? 0 : std::stoull(std::string(touched));
}

void PostgresConnection::query(const std::string& sql,
                               const PostgresParameters& parameters,
                               const std::function<void(const Row&)>& on_row) {
  send("", sql, parameters);
  receive(on_row);
}

void PostgresConnection::query_again(
    const std::string& sql, const PostgresParameters& parameters,
    const std::function<void(const Row&)>& on_row) {
  const auto known = std::ranges::find(prepared_, sql);
  const std::string name = "again_" + std::to_string(known - prepared_.begin());
  if (known == prepared_.end()) {
    checked(Result(PQprepare(connection_.get(), name.c_str(), sql.c_str(),
                             static_cast<int>(parameters.types_.size()),
                             parameters.types_.data())));
    prepared_.push_back(sql);
  }
  send(name, sql, parameters);
  receive(on_row);
}

void PostgresConnection::receive(
    const std::function<void(const Row&)>& on_row) {
  PQsetSingleRowMode(connection_.get());
  try {
    for (;;) {
      const Result result = checked(next_result());
      for (int row = 0; row < PQntuples(result.get()); ++row) {
        on_row(PostgresRow(result.get(), row));
      }
      if (PQresultStatus(result.get()) != PGRES_SINGLE_TUPLE) break;
    }
  } catch (const PostgresError&) {
    throw;
  } catch (...) {
    drain();
    throw;
  }
  drain();
}

void PostgresConnection::copy(const std::string& table,
                              const std::string& columns, PostgresCopy rows) {
  checked(Result(PQexec(connection_.get(), ("COPY " + table + " (" + columns +
                                            ") FROM STDIN (FORMAT binary)")
                                               .c_str())));
  const std::string bytes = rows.finish();
  constexpr std::size_t kMostAtOnce = std::size_t{1} << 20;
  for (std::size_t begin = 0; begin < bytes.size(); begin += kMostAtOnce) {
    const std::size_t size = std::min(kMostAtOnce, bytes.size() - begin);
    if (PQputCopyData(connection_.get(), bytes.data() + begin,
                      static_cast<int>(size)) != 1) {
      fail(nullptr);
    }
  }
  if (PQputCopyEnd(connection_.get(), nullptr) != 1) fail(nullptr);
  checked(next_result());
  drain();
}

}  // namespace vam
