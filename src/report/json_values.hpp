// What all JSON documents say in the same way.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "vam/error.hpp"
#include "vam/group.hpp"
#include "vam/report.hpp"

namespace vam {

using Json = nlohmann::ordered_json;

enum class Layout { pretty, compact };

/// The start of the next line; nothing where all is on one line.
std::string line(Layout layout, int depth);

/// The text of a value whose first line begins at this depth.
std::string laid_out(const Json& value, Layout layout, int depth);

/// The same number on every machine, and nothing that JSON cannot say.
double rounded(double value, double steps);

/// Adds raw bytes: readable under `key`, and exact under `key`_bytes if the
/// readable form is not all of it.
void add_bytes(Json& object, const std::string& key, const std::string& bytes);
void add_bytes(Json& object, const std::string& key,
               const std::vector<std::string>& strings);

/// Adds what decides whether two pictures are the same.
void add_comparison(Json& object, const Settings& settings);

/// By the names of the hashes; null without a look.
Json hashes_json(const Result<Fingerprint>& look);
Json distances_json(const HashDistances& distances);

/// Adds distance, similarity, transform and differences.
void add_evidence(Json& object, const Evidence& evidence);

struct GroupFile;

/// All that is known of a file in a group.
Json file_json(const GroupFile& file);

}  // namespace vam
