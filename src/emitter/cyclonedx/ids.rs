//! Which SPDX ids each CycloneDX version knows.
//!
//! Every version's schema brings the SPDX list of its day, and strict consumers refuse a whole document for one id
//! that is not in it. Here are the ids of the lists 3.10 (for 1.4), 3.21 (1.5), 3.23 (1.6) and 3.27 (1.7), each under
//! the first version that has it.
//! Source: `spdx.schema.json` of <https://github.com/CycloneDX/specification>, as in the releases 2.0.0, 6.4.4, 7.0.0
//! and 11.3.0 of cyclonedx-python-lib (Apache-2.0).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Version;

/// Whether the version's own list has the id.
pub(super) fn is_listed(id: &str, version: Version) -> bool {
    static SINCE: LazyLock<BTreeMap<&str, Version>> = LazyLock::new(|| {
        let lists = [
            (Version::V1_4, OF_1_4),
            (Version::V1_5, OF_1_5),
            (Version::V1_6, OF_1_6),
            (Version::V1_7, OF_1_7),
        ];
        lists.iter().flat_map(|(since, ids)| ids.split(' ').map(|id| (id, *since))).collect()
    });
    SINCE.get(id).is_some_and(|since| *since <= version)
}

const OF_1_4: &str = "\
    0BSD 389-exception AAL ADSL AFL-1.1 AFL-1.2 AFL-2.0 AFL-2.1 AFL-3.0 AGPL-1.0 AGPL-1.0-only \
    AGPL-1.0-or-later AGPL-3.0 AGPL-3.0-only AGPL-3.0-or-later AMDPLPA AML AMPAS ANTLR-PD APAFML APL-1.0 \
    APSL-1.0 APSL-1.1 APSL-1.2 APSL-2.0 Abstyles Adobe-2006 Adobe-Glyph Afmparse Aladdin Apache-1.0 \
    Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-1.0-Perl Artistic-1.0-cl8 Artistic-2.0 \
    Autoconf-exception-2.0 Autoconf-exception-3.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-FreeBSD \
    BSD-2-Clause-NetBSD BSD-2-Clause-Patent BSD-2-Clause-Views BSD-3-Clause BSD-3-Clause-Attribution \
    BSD-3-Clause-Clear BSD-3-Clause-LBNL BSD-3-Clause-No-Nuclear-License \
    BSD-3-Clause-No-Nuclear-License-2014 BSD-3-Clause-No-Nuclear-Warranty BSD-3-Clause-Open-MPI \
    BSD-4-Clause BSD-4-Clause-UC BSD-Protection BSD-Source-Code BSL-1.0 Bahyph Barr Beerware \
    Bison-exception-2.2 BitTorrent-1.0 BitTorrent-1.1 BlueOak-1.0.0 Bootloader-exception Borceux CAL-1.0 \
    CAL-1.0-Combined-Work-Exception CATOSL-1.1 CC-BY-1.0 CC-BY-2.0 CC-BY-2.5 CC-BY-3.0 CC-BY-3.0-AT \
    CC-BY-4.0 CC-BY-NC-1.0 CC-BY-NC-2.0 CC-BY-NC-2.5 CC-BY-NC-3.0 CC-BY-NC-4.0 CC-BY-NC-ND-1.0 \
    CC-BY-NC-ND-2.0 CC-BY-NC-ND-2.5 CC-BY-NC-ND-3.0 CC-BY-NC-ND-3.0-IGO CC-BY-NC-ND-4.0 CC-BY-NC-SA-1.0 \
    CC-BY-NC-SA-2.0 CC-BY-NC-SA-2.5 CC-BY-NC-SA-3.0 CC-BY-NC-SA-4.0 CC-BY-ND-1.0 CC-BY-ND-2.0 \
    CC-BY-ND-2.5 CC-BY-ND-3.0 CC-BY-ND-4.0 CC-BY-SA-1.0 CC-BY-SA-2.0 CC-BY-SA-2.5 CC-BY-SA-3.0 \
    CC-BY-SA-3.0-AT CC-BY-SA-4.0 CC-PDDC CC0-1.0 CDDL-1.0 CDDL-1.1 CDLA-Permissive-1.0 CDLA-Sharing-1.0 \
    CECILL-1.0 CECILL-1.1 CECILL-2.0 CECILL-2.1 CECILL-B CECILL-C CERN-OHL-1.1 CERN-OHL-1.2 \
    CERN-OHL-P-2.0 CERN-OHL-S-2.0 CERN-OHL-W-2.0 CLISP-exception-2.0 CNRI-Jython CNRI-Python \
    CNRI-Python-GPL-Compatible CPAL-1.0 CPL-1.0 CPOL-1.02 CUA-OPL-1.0 Caldera ClArtistic \
    Classpath-exception-2.0 Condor-1.1 Crossword CrystalStacker Cube D-FSL-1.0 DOC DSDP \
    DigiRule-FOSS-exception Dotseqn ECL-1.0 ECL-2.0 EFL-1.0 EFL-2.0 EPICS EPL-1.0 EPL-2.0 EUDatagrid \
    EUPL-1.0 EUPL-1.1 EUPL-1.2 Entessa ErlPL-1.1 Eurosym FLTK-exception FSFAP FSFUL FSFULLR FTL Fair \
    Fawkes-Runtime-exception Font-exception-2.0 Frameworx-1.0 FreeImage GCC-exception-2.0 \
    GCC-exception-3.1 GFDL-1.1 GFDL-1.1-invariants-only GFDL-1.1-invariants-or-later \
    GFDL-1.1-no-invariants-only GFDL-1.1-no-invariants-or-later GFDL-1.1-only GFDL-1.1-or-later GFDL-1.2 \
    GFDL-1.2-invariants-only GFDL-1.2-invariants-or-later GFDL-1.2-no-invariants-only \
    GFDL-1.2-no-invariants-or-later GFDL-1.2-only GFDL-1.2-or-later GFDL-1.3 GFDL-1.3-invariants-only \
    GFDL-1.3-invariants-or-later GFDL-1.3-no-invariants-only GFDL-1.3-no-invariants-or-later \
    GFDL-1.3-only GFDL-1.3-or-later GL2PS GLWTPL GPL-1.0 GPL-1.0+ GPL-1.0-only GPL-1.0-or-later GPL-2.0 \
    GPL-2.0+ GPL-2.0-only GPL-2.0-or-later GPL-2.0-with-GCC-exception GPL-2.0-with-autoconf-exception \
    GPL-2.0-with-bison-exception GPL-2.0-with-classpath-exception GPL-2.0-with-font-exception GPL-3.0 \
    GPL-3.0+ GPL-3.0-linking-exception GPL-3.0-linking-source-exception GPL-3.0-only GPL-3.0-or-later \
    GPL-3.0-with-GCC-exception GPL-3.0-with-autoconf-exception GPL-CC-1.0 Giftware Glide Glulxe HPND \
    HPND-sell-variant HaskellReport Hippocratic-2.1 IBM-pibs ICU IJG IPA IPL-1.0 ISC ImageMagick Imlib2 \
    Info-ZIP Intel Intel-ACPI Interbase-1.0 JPNIC JSON JasPer-2.0 LAL-1.2 LAL-1.3 LGPL-2.0 LGPL-2.0+ \
    LGPL-2.0-only LGPL-2.0-or-later LGPL-2.1 LGPL-2.1+ LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0 \
    LGPL-3.0+ LGPL-3.0-linking-exception LGPL-3.0-only LGPL-3.0-or-later LGPLLR LLVM-exception LPL-1.0 \
    LPL-1.02 LPPL-1.0 LPPL-1.1 LPPL-1.2 LPPL-1.3a LPPL-1.3c LZMA-exception Latex2e Leptonica LiLiQ-P-1.1 \
    LiLiQ-R-1.1 LiLiQ-Rplus-1.1 Libpng Libtool-exception Linux-OpenIB Linux-syscall-note MIT MIT-0 \
    MIT-CMU MIT-advertising MIT-enna MIT-feh MITNFA MPL-1.0 MPL-1.1 MPL-2.0 \
    MPL-2.0-no-copyleft-exception MS-PL MS-RL MTLL MakeIndex MirOS Motosoto MulanPSL-1.0 MulanPSL-2.0 \
    Multics Mup NASA-1.3 NBPL-1.0 NCGL-UK-2.0 NCSA NGPL NIST-PD NIST-PD-fallback NLOD-1.0 NLPL NOSL \
    NPL-1.0 NPL-1.1 NPOSL-3.0 NRL NTP NTP-0 Naumen Net-SNMP NetCDF Newsletr Nokia Nokia-Qt-exception-1.1 \
    Noweb Nunit O-UDA-1.0 OCCT-PL OCCT-exception-1.0 OCLC-2.0 OCaml-LGPL-linking-exception ODC-By-1.0 \
    ODbL-1.0 OFL-1.0 OFL-1.0-RFN OFL-1.0-no-RFN OFL-1.1 OFL-1.1-RFN OFL-1.1-no-RFN OGC-1.0 \
    OGL-Canada-2.0 OGL-UK-1.0 OGL-UK-2.0 OGL-UK-3.0 OGTSL OLDAP-1.1 OLDAP-1.2 OLDAP-1.3 OLDAP-1.4 \
    OLDAP-2.0 OLDAP-2.0.1 OLDAP-2.1 OLDAP-2.2 OLDAP-2.2.1 OLDAP-2.2.2 OLDAP-2.3 OLDAP-2.4 OLDAP-2.5 \
    OLDAP-2.6 OLDAP-2.7 OLDAP-2.8 OML OPL-1.0 OSET-PL-2.1 OSL-1.0 OSL-1.1 OSL-2.0 OSL-2.1 OSL-3.0 \
    OpenJDK-assembly-exception-1.0 OpenSSL PDDL-1.0 PHP-3.0 PHP-3.01 PS-or-PDF-font-exception-20170817 \
    PSF-2.0 Parity-6.0.0 Parity-7.0.0 Plexus PolyForm-Noncommercial-1.0.0 PolyForm-Small-Business-1.0.0 \
    PostgreSQL Python-2.0 QPL-1.0 Qhull Qt-GPL-exception-1.0 Qt-LGPL-exception-1.1 Qwt-exception-1.0 \
    RHeCos-1.1 RPL-1.1 RPL-1.5 RPSL-1.0 RSA-MD RSCPL Rdisc Ruby SAX-PD SCEA SGI-B-1.0 SGI-B-1.1 \
    SGI-B-2.0 SHL-0.5 SHL-0.51 SHL-2.0 SHL-2.1 SISSL SISSL-1.2 SMLNJ SMPPL SNIA SPL-1.0 SSH-OpenSSH \
    SSH-short SSPL-1.0 SWL Saxpath Sendmail Sendmail-8.23 SimPL-2.0 Sleepycat Spencer-86 Spencer-94 \
    Spencer-99 StandardML-NJ SugarCRM-1.1.3 Swift-exception TAPR-OHL-1.0 TCL TCP-wrappers TMate \
    TORQUE-1.1 TOSL TU-Berlin-1.0 TU-Berlin-2.0 UCL-1.0 UPL-1.0 Unicode-DFS-2015 Unicode-DFS-2016 \
    Unicode-TOU Universal-FOSS-exception-1.0 Unlicense VOSTROM VSL-1.0 Vim W3C W3C-19980720 W3C-20150513 \
    WTFPL Watcom-1.0 Wsuipa WxWindows-exception-3.1 X11 XFree86-1.1 XSkat Xerox Xnet YPL-1.0 YPL-1.1 \
    ZPL-1.1 ZPL-2.0 ZPL-2.1 Zed Zend-2.0 Zimbra-1.3 Zimbra-1.4 Zlib blessing bzip2-1.0.5 bzip2-1.0.6 \
    copyleft-next-0.3.0 copyleft-next-0.3.1 curl diffmark dvipdfm eCos-2.0 eCos-exception-2.0 eGenix \
    etalab-2.0 freertos-exception-2.0 gSOAP-1.3b gnu-javamail-exception gnuplot i2p-gpl-java-exception \
    iMatix libpng-2.0 libselinux-1.0 libtiff mif-exception mpich2 openvpn-openssl-exception psfrag \
    psutils u-boot-exception-2.0 wxWindows xinetd xpp zlib-acknowledgement";

const OF_1_5: &str = "\
    ANTLR-PD-fallback ASWF-Digital-Assets-1.0 ASWF-Digital-Assets-1.1 AdaCore-doc App-s2p Arphic-1999 \
    Asterisk-exception Autoconf-exception-generic Autoconf-exception-macro BSD-3-Clause-Modification \
    BSD-3-Clause-No-Military-License BSD-4-Clause-Shortened BSD-4.3RENO BSD-4.3TAHOE \
    BSD-Advertising-Acknowledgement BSD-Attribution-HPND-disclaimer BUSL-1.1 Baekmuk Bitstream-Charter \
    Bitstream-Vera Boehm-GC Brian-Gladman-3-Clause C-UDA-1.0 CC-BY-2.5-AU CC-BY-3.0-DE CC-BY-3.0-IGO \
    CC-BY-3.0-NL CC-BY-3.0-US CC-BY-NC-3.0-DE CC-BY-NC-ND-3.0-DE CC-BY-NC-SA-2.0-DE CC-BY-NC-SA-2.0-FR \
    CC-BY-NC-SA-2.0-UK CC-BY-NC-SA-3.0-DE CC-BY-NC-SA-3.0-IGO CC-BY-ND-3.0-DE CC-BY-SA-2.0-UK \
    CC-BY-SA-2.1-JP CC-BY-SA-3.0-DE CC-BY-SA-3.0-IGO CDL-1.0 CDLA-Permissive-2.0 CFITSIO CMU-Mach \
    COIL-1.0 Clips Community-Spec-1.0 Cornell-Lossless-JPEG DL-DE-BY-2.0 DRL-1.0 Elastic-2.0 FDK-AAC \
    FSFULLRWD FreeBSD-DOC GD GNAT-exception GPL-3.0-interface-exception GStreamer-exception-2005 \
    GStreamer-exception-2008 Graphics-Gems HP-1986 HPND-Markus-Kuhn HPND-export-US \
    HPND-sell-variant-MIT-disclaimer HTMLTIDY IEC-Code-Components-EULA IJG-short Inner-Net-2.0 JPL-image \
    Jam Kazlib KiCad-libraries-exception Knuth-CTAN LLGPL LOOP LZMA-SDK-9.11-to-9.20 LZMA-SDK-9.22 \
    Latex2e-translated-notice Linux-man-pages-1-para Linux-man-pages-copyleft \
    Linux-man-pages-copyleft-2-para Linux-man-pages-copyleft-var MIT-Festival MIT-Modern-Variant MIT-Wu \
    MIT-open-group MS-LPL Martin-Birgmeier Minpack NAIST-2003 NICTA-1.0 NIST-Software NLOD-2.0 OFFIS \
    OGDL-Taiwan-1.0 OLFL-1.3 OPL-UK-3.0 OPUBL-1.0 OpenPBS-2.3 Python-2.0.1 QPL-1.0-INRIA-2004 \
    QPL-1.0-INRIA-2004-exception SGP4 SWI-exception SchemeReport SunPro Symlinks TPDL TPL-1.0 TTWL \
    TermReadKey UCAR UnixCrypt Widget-Workshop X11-distribute-modifications-variant Xdebug-1.03 Xfig \
    checkmk cryptsetup-OpenSSL-exception dtoa libpri-OpenH323-exception libutil-David-Nugent metamail \
    mpi-permissive mplus snprintf vsftpd-openssl-exception w3m x11vnc-openssl-exception xlock";

const OF_1_6: &str = "\
    AML-glslang Adobe-Display-PostScript Adobe-Utopia Autoconf-exception-generic-3.0 BSD-2-Clause-Darwin \
    BSD-3-Clause-HP BSD-3-Clause-Sun BSD-3-Clause-acpica BSD-3-Clause-flex BSD-Inferno-Nettverk \
    BSD-Source-beginning-file BSD-Systemics BSD-Systemics-W3Works Bison-exception-1.24 \
    Brian-Gladman-2-Clause CC-BY-3.0-AU CMU-Mach-nodoc Caldera-no-preamble Cronyx DEC-3-Clause \
    DL-DE-ZERO-2.0 DRL-1.1 FBM FSFAP-no-warranty-disclaimer Ferguson-Twofish Furuseth \
    GCC-exception-2.0-note GCR-docs GNOME-examples-exception GNU-compiler-exception Gmsh-exception \
    HP-1989 HPND-DEC HPND-Fenneberg-Livingston HPND-INRIA-IMAG HPND-Kevlin-Henney HPND-MIT-disclaimer \
    HPND-Pbmplus HPND-UC HPND-doc HPND-doc-sell HPND-export-US-modify HPND-sell-MIT-disclaimer-xserver \
    HPND-sell-regexpr ISC-Veillard Kastrup LPD-document Lucida-Bitmap-Fonts MIT-testregex MMIXware \
    MPEG-SSG Mackerras-3-Clause Mackerras-3-Clause-acknowledgment McPhee-slideshow OpenSSL-standalone \
    OpenVision PADL Pixar SANE-exception SAX-PD-2.0 SGI-OpenGL SL SSLeay-standalone Soundex Sun-PPP \
    TGPPL-1.0 TTYP0 Texinfo-exception UBDL-exception UMich-Merit URT-RLE Unicode-3.0 Zeeff \
    bcrypt-Solar-Designer check-cvs fmt-exception fwlw gtkbook hdparm lsof magaz mailprio pnmstitch \
    python-ldap radvd softSurfer ssh-keyscan stunnel-exception swrule ulem xkeyboard-config-Zinoviev";

const OF_1_7: &str = "\
    3D-Slicer-1.0 AMD-newlib Artistic-dist Aspell-RU Asterisk-linking-protocols-exception \
    BSD-2-Clause-first-lines BSD-2-Clause-pkgconf-disclaimer Boehm-GC-without-fee CC-PDM-1.0 CC-SA-1.0 \
    CGAL-linking-exception Catharon CryptoSwift Digia-Qt-LGPL-exception-1.1 DocBook-DTD DocBook-Schema \
    DocBook-Stylesheet DocBook-XML FSFULLRSD FSL-1.1-ALv2 FSL-1.1-MIT GPL-3.0-389-ds-base-exception \
    Game-Programming-Gems Gutmann HDF5 HIDAPI HPND-Intel HPND-Netrek HPND-UC-export-US \
    HPND-export-US-acknowledgement HPND-export2-US HPND-merchantability-variant \
    HPND-sell-variant-MIT-disclaimer-rev Independent-modules-exception InnoSetup MIPS MIT-Click \
    MIT-Khronos-old NCBI-PD NCL NTIA-PD OAR PCRE2-exception PPL RRDtool-FLOSS-exception-2.0 Ruby-pty \
    SMAIL-GPL SOFA SUL-1.0 Sendmail-Open-Source-1.1 Sun-PPP-2000 ThirdEye TrustedQSL Ubuntu-font-1.0 \
    Unlicense-libtelnet Unlicense-libwhirlpool X11-swapped any-OSI any-OSI-perl-modules cve-tou \
    erlang-otp-linking-exception generic-xts harbour-exception jove libpng-1.6.35 man2html \
    mxml-exception ngrep pkgconf polyparse-exception romic-exception threeparttable wwl xzoom";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_knows_what_was_listed_in_its_day() {
        assert!(is_listed("MIT", Version::V1_4));
        assert!(is_listed("GPL-2.0-or-later", Version::V1_6));
        assert!(!is_listed("gpl-2.0-or-later", Version::V1_6));
        assert!(!is_listed("", Version::V1_7));
    }

    #[test]
    fn later_ids_belong_to_later_versions() {
        let newest = OF_1_7.split(' ').next().expect("not empty");
        assert!(is_listed(newest, Version::V1_7) && !is_listed(newest, Version::V1_6));
    }
}
