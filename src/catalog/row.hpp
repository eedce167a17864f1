// What rows are made of, whatever database holds them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vam {

/// One row of an answer. Columns count from 0; a value of another type than
/// asked for is none. What is viewed lasts until the next row.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::optional<std::int64_t> integer(int column) const = 0;
  virtual std::optional<double> real(int column) const = 0;
  virtual std::optional<std::string_view> text(int column) const = 0;
  virtual std::optional<std::string_view> blob(int column) const = 0;
};

/// Takes the values of a row one after the other, in the order of its columns.
/// Views need not outlive the call.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void null() = 0;
  virtual void integer(std::int64_t value) = 0;
  virtual void real(double value) = 0;
  virtual void text(std::string_view value) = 0;
  virtual void blob(std::string_view value) = 0;
};

}  // namespace vam
