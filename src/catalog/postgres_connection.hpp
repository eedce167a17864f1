// A connection to a PostgreSQL server, by libpq: owned, in binary, with errors
// as exceptions. SQL is the caller's.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/row.hpp"

namespace vam {

/// What the server, or the way to it, said.
class PostgresError : public std::runtime_error {
 public:
  PostgresError(const std::string& message, std::string state, bool lost)
      : std::runtime_error(message), state_(std::move(state)), lost_(lost) {}

  /// Five characters (PostgreSQL, appendix A); empty: it was not the server.
  const std::string& state() const { return state_; }
  /// Whether there is no connection any more.
  bool is_lost() const { return lost_; }
  /// Whether the same may work if it is done again.
  bool is_passing() const;

 private:
  std::string state_;
  bool lost_;
};

/// A row of a result in binary.
class PostgresRow final : public Row {
 public:
  PostgresRow(const PGresult* result, int row) : result_(result), row_(row) {}

  bool is_null(int column) const override;
  std::optional<std::int64_t> integer(int column) const override;
  std::optional<double> real(int column) const override;
  std::optional<std::string_view> text(int column) const override;
  std::optional<std::string_view> blob(int column) const override;

 private:
  std::optional<std::string_view> of_type(int column, Oid type) const;

  const PGresult* result_;
  int row_;
};

/// The parameters $1, $2, ... of a statement: bigint, double precision, text
/// and bytea.
class PostgresParameters final : public RowSink {
 public:
  void null() override;
  void integer(std::int64_t value) override;
  void real(double value) override;
  void text(std::string_view value) override;
  void blob(std::string_view value) override;

 private:
  friend class PostgresConnection;
  void add(Oid type, std::optional<std::string> value);

  std::vector<Oid> types_;
  std::vector<std::optional<std::string>> values_;
};

/// Rows for COPY ... FROM STDIN (FORMAT binary), into columns of the types of
/// PostgresParameters.
class PostgresCopy final : public RowSink {
 public:
  explicit PostgresCopy(int columns);

  void null() override;
  void integer(std::int64_t value) override;
  void real(double value) override;
  void text(std::string_view value) override;
  void blob(std::string_view value) override;

  /// The whole stream; nothing can be added to it any more.
  std::string finish();

 private:
  void begin_value(std::int32_t size);

  const int columns_;
  int column_ = 0;
  std::string bytes_;
};

/// What libpq takes an address for.
struct PostgresAddress {
  /// Why it cannot be read, without what may be a password; empty: it can.
  std::string problem;
  bool holds_password = false;
};

PostgresAddress read_address(const std::string& address);

/// One thread at a time. All that talk to the server throw PostgresError.
class PostgresConnection {
 public:
  /// Connects. `address` is a URI or "key=value ..." as libpq takes it.
  explicit PostgresConnection(const std::string& address);

  /// Statements without parameters; what they return is left out.
  void run(const std::string& sql);
  /// One statement; returns how many rows it touched.
  std::uint64_t run(const std::string& sql,
                    const PostgresParameters& parameters);
  /// Calls `on_row` for each row, which is gone afterwards: the answer is
  /// never held as a whole. What `on_row` throws ends it.
  void query(const std::string& sql, const PostgresParameters& parameters,
             const std::function<void(const Row&)>& on_row);
  /// The same, of one of few statements that are run again and again: the
  /// server reads it once.
  void query_again(const std::string& sql, const PostgresParameters& parameters,
                   const std::function<void(const Row&)>& on_row);
  /// COPY table (columns) FROM STDIN.
  void copy(const std::string& table, const std::string& columns,
            PostgresCopy rows);

 private:
  struct Closer {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Clearer {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, Clearer>;

  /// Of a statement with a name, or with the text `sql` if that is empty.
  void send(const std::string& name, const std::string& sql,
            const PostgresParameters& parameters);
  void receive(const std::function<void(const Row&)>& on_row);
  Result next_result();
  void drain();
  Result checked(Result result);
  [[noreturn]] void fail(const PGresult* result);

  std::unique_ptr<PGconn, Closer> connection_;
  /// What query_again() was asked for; the place is part of its name.
  std::vector<std::string> prepared_;
};

}  // namespace vam
