#include "catalog/postgres_session.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "vam/error.hpp"

namespace vam {
namespace {

/// However long it took: this process may have been stopped in between.
constexpr int kFewestFailures = 10;
constexpr std::chrono::milliseconds kLongestPause{1000};

/// What can be done about it; empty if the message says all.
std::string advice_for(const PostgresError& error) {
  const std::string& state = error.state();
  const std::string_view message = error.what();
  if (state == "53100") return "make room on the server's disk";
  if (state == "23503") {
    return "another run may have forgotten its sources (--clear, --prune): "
           "start again";
  }
  if (state == "42P01" || state == "42P07" || state == "42703") {
    return "the schema `vam` was changed by a newer vam-analyze, or is no "
           "whole "
           "catalog: see whether a new run can read it, before you restore it "
           "from a backup or use another database";
  }
  if (state == "42501") return "the role needs rights on the schema `vam`";
  if (state.empty() && error.is_lost()) {
    if (message.find("too many c") != std::string_view::npos ||
        message.find("connection slots") != std::string_view::npos) {
      return "each process needs three connections: raise max_connections of "
             "the server, or the limit of the role or the database, or start "
             "fewer";
    }
    return message.find("password") != std::string_view::npos
               ? "give the password in PGPASSFILE, PGPASSWORD or a service file"
               : "see whether the server runs and the address is right";
  }
  return "";
}

[[noreturn]] void throw_fatal(const PostgresError& error,
                              const std::string& address) {
  std::string text = "the catalog " + address + ": " + error.what();
  const std::string advice = advice_for(error);
  if (!advice.empty()) text += "; " + advice;
  throw FatalError(text);
}

}  // namespace

PostgresSession::PostgresSession(
    std::string address, const std::atomic<bool>* stop,
    std::function<void(PostgresConnection&)> on_connect,
    std::chrono::milliseconds patience)
    : address_(std::move(address)),
      stop_(stop),
      on_connect_(std::move(on_connect)),
      patience_(patience) {}

PostgresConnection& PostgresSession::connection() {
  if (!connection_) {
    connection_.emplace(address_);
    try {
      on_connect_(*connection_);
    } catch (...) {
      connection_.reset();
      throw;
    }
    was_connected_ = true;
  }
  return *connection_;
}

void PostgresSession::roll_back() noexcept {
  try {
    connection_->run("ROLLBACK");
  } catch (const std::exception&) {  // with the connection, it went too
    connection_.reset();
  }
}

bool PostgresSession::attempt(const std::function<void()>& work) {
  try {
    work();
    failures_ = 0;
    return true;
  } catch (const PostgresError& error) {
    if (error.is_lost()) connection_.reset();
    const auto now = std::chrono::steady_clock::now();
    if (failures_++ == 0) failing_since_ = now;
    const bool is_too_long =
        failures_ >= kFewestFailures && now - failing_since_ >= patience_;
    if (!error.is_passing() || !was_connected_ || is_too_long) {
      throw_fatal(error, address_);
    }
  }
  if (stop_ != nullptr && *stop_) throw Interrupted();
  std::this_thread::sleep_for(
      std::min(kLongestPause, std::chrono::milliseconds(20) * failures_));
  return false;
}

}  // namespace vam
