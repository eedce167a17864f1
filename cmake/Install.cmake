# What `cmake --install` and `cpack -G DEB` put on a machine. Debian's shells
# look for completions in these folders.
include(GNUInstallDirs)
foreach(program vam-analyze vam-apply)
  install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES docs/man/${program}.1
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES docs/completions/${program}.bash
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME ${program})
  install(FILES docs/completions/_${program}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
  install(FILES docs/completions/${program}.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endforeach()
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

# The library and its headers, for other programs: only if asked for, with
# `cmake --install DIR --component library`.
set(vam_cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/vam)
install(TARGETS vam vam_dependencies EXPORT vam-targets
  ARCHIVE COMPONENT library EXCLUDE_FROM_ALL)
install(DIRECTORY include/vam DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT library EXCLUDE_FROM_ALL)
install(EXPORT vam-targets DESTINATION ${vam_cmake_folder}
  COMPONENT library EXCLUDE_FROM_ALL)
configure_file(cmake/vam-config.cmake.in vam-config.cmake @ONLY)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/vam-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES cmake/Packages.cmake ${PROJECT_BINARY_DIR}/vam-config.cmake
  ${PROJECT_BINARY_DIR}/vam-config-version.cmake
  DESTINATION ${vam_cmake_folder} COMPONENT library EXCLUDE_FROM_ALL)

# Without these a package would lack what it depends on.
find_program(VAM_SHLIBDEPS dpkg-shlibdeps)
find_program(VAM_FILE file)
if(VAM_SHLIBDEPS AND VAM_FILE)
  set(CPACK_GENERATOR DEB)
else()
  message(STATUS "No Debian package: install dpkg-dev and file")
  set(CPACK_GENERATOR TGZ)
endif()
set(CPACK_PACKAGE_CONTACT "vam-analyze maintainers")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION graphics)
# The packages of the libraries that the program is linked with.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)
