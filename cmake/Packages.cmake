# What the library is linked with: from the system, by find_package or
# pkg-config. Also installed, for projects that are linked with the library.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(JPEG REQUIRED)
# Not of every libjpeg: where it keeps what makes pixels of coefficients.
find_path(jpegint_folder jpegint.h HINTS ${JPEG_INCLUDE_DIRS} REQUIRED)
find_package(PNG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)
find_package(faiss REQUIRED)
pkg_check_modules(exif REQUIRED IMPORTED_TARGET libexif)
pkg_check_modules(expat REQUIRED IMPORTED_TARGET expat)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
