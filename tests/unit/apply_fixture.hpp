// Plans over real files.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "temp_folder.hpp"
#include "vam/apply.hpp"

struct PlanFolder : TempFolder {
  using Json = nlohmann::ordered_json;

  /// As a report describes a file of photos/ with these bytes.
  Json file(const std::string& name, const std::string& bytes,
            const std::string& match = "exact") const {
    const std::string photo = write("photos/" + name, bytes).native();
    struct stat status {};
    stat(photo.c_str(), &status);
    const auto digest = vam::digest_of(std::as_bytes(std::span(bytes)));
    return {{"path", photo},
            {"size", bytes.size()},
            {"mtime", vam::format_time(status.st_mtim.tv_sec * 1'000'000'000 +
                                       status.st_mtim.tv_nsec)},
            {"checksum", to_hex(digest)},
            {"is_keeper", false},
            {"match", match}};
  }

  /// A report of one group, the first file being the keeper.
  Json report(std::vector<Json> files) const {
    files.at(0)["is_keeper"] = true;
    Json report;
    report["schema"] = "vam-analyze/1";
    report["settings"] = {{"sources", {(path / "photos").native()}},
                          {"reference", Json::array()}};
    report["groups"] = {{{"files", files}}};
    return report;
  }

  /// The choices of one group.
  Json choices(const std::vector<Json>& files) const {
    Json choices = report(files);
    choices["schema"] = "vam-analyze-choices/1";
    choices["sources"] = choices["settings"]["sources"];
    choices["reference"] = Json::array();
    choices.erase("settings");
    return choices;
  }

  static Json chosen(Json file, const std::string& choice) {
    file["choice"] = choice;
    return file;
  }
};
