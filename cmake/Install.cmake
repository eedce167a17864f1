# What `cmake --install` and `cpack -G DEB` put on a machine. Debian's shells
# look for completions in these folders.
include(GNUInstallDirs)
install(TARGETS vam-analyze RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES docs/man/vam-analyze.1
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES docs/completions/vam-analyze.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME vam-analyze)
install(FILES docs/completions/_vam-analyze
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES docs/completions/vam-analyze.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "vam-analyze maintainers")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION graphics)
# The packages of the libraries that the program is linked with.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)
