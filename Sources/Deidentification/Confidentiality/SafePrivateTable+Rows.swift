// DICOM PS3.15 2026c Table E.3.10-1 "Safe Private Attributes", © NEMA: the facts, in table order. An informative list.

extension SafePrivateTable {
    /// One row a line: group and last two digits of the element | VR (a comma where two are possible) | private creator.
    static let source = #"""
        705300|DS|Philips PET Private Group
        705309|DS|Philips PET Private Group
        00E121|DS|ELSCINT1
        00E150|DS|ELSCINT1
        01E126|CS|ELSCINT1
        01F101|CS|ELSCINT1
        01F107|DS|ELSCINT1
        01F126|DS|ELSCINT1
        01F127|DS|ELSCINT1
        001923|DS|GEMS_ACQU_01
        001924|DS|GEMS_ACQU_01
        001927|DS|GEMS_ACQU_01
        00199E|LO|GEMS_ACQU_01
        004327|SH|GEMS_PARM_01
        004501|SS|GEMS_HELIOS_01
        004502|FL|GEMS_HELIOS_01
        090310|US|GEIIS PACS
        090311|US|GEIIS PACS
        090312|US|GEIIS PACS
        200101|FL|Philips Imaging DD 001
        200102|IS|Philips Imaging DD 001
        200103|FL|Philips Imaging DD 001
        200104|CS|Philips Imaging DD 001
        200105|SS|Philips Imaging DD 001
        200106|CS|Philips Imaging DD 001
        200107|CS|Philips Imaging DD 001
        200108|IS|Philips Imaging DD 001
        200109|FL|Philips Imaging DD 001
        20010a|IS|Philips Imaging DD 001
        20010b|CS|Philips Imaging DD 001
        20010c|CS|Philips Imaging DD 001
        20010e|CS|Philips Imaging DD 001
        20010f|SS|Philips Imaging DD 001
        200110|CS|Philips Imaging DD 001
        200111|FL|Philips Imaging DD 001
        200112|CS|Philips Imaging DD 001
        200113|SL|Philips Imaging DD 001
        200114|SL|Philips Imaging DD 001
        200115|SS|Philips Imaging DD 001
        200116|SS|Philips Imaging DD 001
        200117|SL|Philips Imaging DD 001
        200118|SL|Philips Imaging DD 001
        200119|CS|Philips Imaging DD 001
        20011a|FL|Philips Imaging DD 001
        20011b|FL|Philips Imaging DD 001
        20011c|CS|Philips Imaging DD 001
        20011d|IS|Philips Imaging DD 001
        20011e|CS|Philips Imaging DD 001
        20011f|CS|Philips Imaging DD 001
        200121|CS|Philips Imaging DD 001
        200122|FL|Philips Imaging DD 001
        200123|DS|Philips Imaging DD 001
        200124|CS|Philips Imaging DD 001
        200125|SH|Philips Imaging DD 001
        200126|CS|Philips Imaging DD 001
        200127|CS|Philips Imaging DD 001
        200128|FL|Philips Imaging DD 001
        200129|FL|Philips Imaging DD 001
        20012a|CS|Philips Imaging DD 001
        20012b|CS|Philips Imaging DD 001
        20012c|FL|Philips Imaging DD 001
        20012d|SS|Philips Imaging DD 001
        20012e|CS|Philips Imaging DD 001
        20012f|FL|Philips Imaging DD 001
        200130|UL|Philips Imaging DD 001
        200131|US|Philips Imaging DD 001
        200132|FL|Philips Imaging DD 001
        200133|CS|Philips Imaging DD 001
        200134|CS|Philips Imaging DD 001
        200135|SS|Philips Imaging DD 001
        200136|CS|Philips Imaging DD 001
        200137|CS|Philips Imaging DD 001
        200138|FL|Philips Imaging DD 001
        200139|FL|Philips Imaging DD 001
        20013a|CS|Philips Imaging DD 001
        20013b|FL|Philips Imaging DD 001
        20013c|FL|Philips Imaging DD 001
        20013d|UL|Philips Imaging DD 001
        20013e|FL|Philips Imaging DD 001
        20013f|CS|Philips Imaging DD 001
        200140|CS|Philips Imaging DD 001
        200141|FL|Philips Imaging DD 001
        200142|CS|Philips Imaging DD 001
        200143|IS|Philips Imaging DD 001
        200144|IS|Philips Imaging DD 001
        200145|IS|Philips Imaging DD 001
        200146|CS|Philips Imaging DD 001
        200147|FL|Philips Imaging DD 001
        200148|SS|Philips Imaging DD 001
        200149|IS|Philips Imaging DD 001
        20014a|CS|Philips Imaging DD 001
        20014b|CS|Philips Imaging DD 001
        20014c|CS|Philips Imaging DD 001
        20014d|CS|Philips Imaging DD 001
        20014e|CS|Philips Imaging DD 001
        20014f|FD|Philips Imaging DD 001
        200150|LO|Philips Imaging DD 001
        200151|IS|Philips Imaging DD 001
        200153|CS|Philips Imaging DD 001
        200154|FL|Philips Imaging DD 001
        200155|UL|Philips Imaging DD 001
        200156|CS|Philips Imaging DD 001
        200157|CS|Philips Imaging DD 001
        200158|UL|Philips Imaging DD 001
        200159|IS|Philips Imaging DD 001
        20015a|ST|Philips Imaging DD 001
        20015d|ST|Philips Imaging DD 001
        20015e|ST|Philips Imaging DD 001
        20015f|SQ|Philips Imaging DD 001
        200160|SL|Philips Imaging DD 001
        200161|CS|Philips Imaging DD 001
        200162|CS|Philips Imaging DD 001
        200163|CS|Philips Imaging DD 001
        200164|SH|Philips Imaging DD 001
        200165|SQ|Philips Imaging DD 001
        200166|SQ|Philips Imaging DD 001
        200167|CS|Philips Imaging DD 001
        200168|SQ|Philips Imaging DD 001
        200169|SQ|Philips Imaging DD 001
        20016a|SQ|Philips Imaging DD 001
        20016b|SQ|Philips Imaging DD 001
        20016d|LO|Philips Imaging DD 001
        20016e|SH|Philips Imaging DD 001
        20016f|SQ|Philips Imaging DD 001
        200171|CS|Philips Imaging DD 001
        200172|IS|Philips Imaging DD 001
        200173|SQ|Philips Imaging DD 001
        200174|DS|Philips Imaging DD 001
        200175|DS|Philips Imaging DD 001
        200176|UL|Philips Imaging DD 001
        200177|CS|Philips Imaging DD 001
        200179|SQ|Philips Imaging DD 001
        20017a|FL|Philips Imaging DD 001
        20017b|IS|Philips Imaging DD 001
        20017c|UL|Philips Imaging DD 001
        20017d|OW,OB|Philips Imaging DD 001
        20017e|US|Philips Imaging DD 001
        20017f|US|Philips Imaging DD 001
        200180|LO|Philips Imaging DD 001
        200181|IS|Philips Imaging DD 001
        200182|IS|Philips Imaging DD 001
        200183|DS|Philips Imaging DD 001
        200184|DS|Philips Imaging DD 001
        200185|DS|Philips Imaging DD 001
        200186|IS|Philips Imaging DD 001
        200187|SH|Philips Imaging DD 001
        200188|DS|Philips Imaging DD 001
        200189|DS|Philips Imaging DD 001
        20018a|DS|Philips Imaging DD 001
        20018b|SH|Philips Imaging DD 001
        20018c|CS|Philips Imaging DD 001
        200190|LO|Philips Imaging DD 001
        200191|LO|Philips Imaging DD 001
        200192|LO|Philips Imaging DD 001
        200193|LO|Philips Imaging DD 001
        200194|LO|Philips Imaging DD 001
        20019a|SQ|Philips Imaging DD 001
        20019b|UL|Philips Imaging DD 001
        20019d|LO|Philips Imaging DD 001
        20019f|US|Philips Imaging DD 001
        2001a1|CS|Philips Imaging DD 001
        2001a2|US|Philips Imaging DD 001
        2001a3|UL|Philips Imaging DD 001
        2001a4|UL|Philips Imaging DD 001
        2001a5|UL|Philips Imaging DD 001
        2001c0|UL|Philips Imaging DD 001
        2001c1|LO|Philips Imaging DD 001
        2001c2|FD|Philips Imaging DD 001
        2001c3|UL|Philips Imaging DD 001
        2001c5|SQ|Philips Imaging DD 001
        2001c6|SQ|Philips Imaging DD 001
        2001c7|SQ|Philips Imaging DD 001
        2001ca|SQ|Philips Imaging DD 001
        2001cb|IS|Philips Imaging DD 001
        2001d0|AT|Philips Imaging DD 001
        2001d1|US|Philips Imaging DD 001
        2001d2|US|Philips Imaging DD 001
        2001d3|US|Philips Imaging DD 001
        2001d4|US|Philips Imaging DD 001
        2001d5|US|Philips Imaging DD 001
        2001d6|US|Philips Imaging DD 001
        2001d7|US|Philips Imaging DD 001
        2001d8|US|Philips Imaging DD 001
        2001d9|US|Philips Imaging DD 001
        2001da|CS|Philips Imaging DD 001
        2001db|US|Philips Imaging DD 001
        2001dc|US|Philips Imaging DD 001
        2001dd|US|Philips Imaging DD 001
        2001de|US|Philips Imaging DD 001
        2001df|UL|Philips Imaging DD 001
        2001e9|SQ|Philips Imaging DD 001
        2001f1|FL|Philips Imaging DD 001
        2001f2|FL|Philips Imaging DD 001
        2001f3|CS|Philips Imaging DD 001
        2001f4|UL|Philips Imaging DD 001
        2001f5|CS|Philips Imaging DD 001
        2001f6|UL|Philips Imaging DD 001
        2001f7|LO|Philips Imaging DD 001
        2001f9|SQ|Philips Imaging DD 001
        2001fb|SQ|Philips Imaging DD 001
        2001fc|SQ|Philips Imaging DD 001
        2001fd|SQ|Philips Imaging DD 001
        2001ff|OW,OB|Philips Imaging DD 001
        200101|US|Philips Imaging DD 002
        200102|FD|Philips Imaging DD 002
        200103|CS|Philips Imaging DD 002
        200104|SS|Philips Imaging DD 002
        200105|FD|Philips Imaging DD 002
        200106|US|Philips Imaging DD 002
        200107|CS|Philips Imaging DD 002
        200108|FD|Philips Imaging DD 002
        200109|FD|Philips Imaging DD 002
        20010a|FD|Philips Imaging DD 002
        20010b|FD|Philips Imaging DD 002
        20010c|US|Philips Imaging DD 002
        20010d|CS|Philips Imaging DD 002
        20010e|FD|Philips Imaging DD 002
        20010f|US|Philips Imaging DD 002
        200110|SS|Philips Imaging DD 002
        200111|SS|Philips Imaging DD 002
        200112|CS|Philips Imaging DD 002
        200113|SS|Philips Imaging DD 002
        200114|FD|Philips Imaging DD 002
        200115|FD|Philips Imaging DD 002
        200116|FD|Philips Imaging DD 002
        200117|FD|Philips Imaging DD 002
        200118|CS|Philips Imaging DD 002
        200119|FD|Philips Imaging DD 002
        20011a|FD|Philips Imaging DD 002
        20011b|FD|Philips Imaging DD 002
        20011c|FD|Philips Imaging DD 002
        20011d|FD|Philips Imaging DD 002
        20011e|FD|Philips Imaging DD 002
        20011f|FD|Philips Imaging DD 002
        200120|FD|Philips Imaging DD 002
        200121|FD|Philips Imaging DD 002
        200122|FD|Philips Imaging DD 002
        200123|FD|Philips Imaging DD 002
        200124|FD|Philips Imaging DD 002
        200125|FD|Philips Imaging DD 002
        200126|FD|Philips Imaging DD 002
        200127|FD|Philips Imaging DD 002
        200128|US|Philips Imaging DD 002
        200129|US|Philips Imaging DD 002
        20012a|US|Philips Imaging DD 002
        20012b|SS|Philips Imaging DD 002
        20012c|FD|Philips Imaging DD 002
        20012d|FD|Philips Imaging DD 002
        20012e|SS|Philips Imaging DD 002
        20012f|SS|Philips Imaging DD 002
        200130|SS|Philips Imaging DD 002
        200131|SS|Philips Imaging DD 002
        200132|SS|Philips Imaging DD 002
        200133|SS|Philips Imaging DD 002
        200134|SS|Philips Imaging DD 002
        200135|FD|Philips Imaging DD 002
        200136|FD|Philips Imaging DD 002
        200137|FD|Philips Imaging DD 002
        200138|FD|Philips Imaging DD 002
        200139|CS|Philips Imaging DD 002
        20013a|SQ|Philips Imaging DD 002
        20013b|SQ|Philips Imaging DD 002
        20013c|SQ|Philips Imaging DD 002
        20013d|SQ|Philips Imaging DD 002
        20013e|SS|Philips Imaging DD 002
        20013f|SS|Philips Imaging DD 002
        200140|SS|Philips Imaging DD 002
        200150|CS|Philips Imaging DD 002
        200152|LO|Philips Imaging DD 002
        200153|CS|Philips Imaging DD 002
        200157|SQ|Philips Imaging DD 002
        200158|SQ|Philips Imaging DD 002
        20015a|LO|Philips Imaging DD 002
        20015c|LO|Philips Imaging DD 002
        20015d|UL|Philips Imaging DD 002
        20015e|UL|Philips Imaging DD 002
        20015f|SQ|Philips Imaging DD 002
        200163|ST|Philips Imaging DD 002
        200164|SQ|Philips Imaging DD 002
        200165|CS|Philips Imaging DD 002
        200166|CS|Philips Imaging DD 002
        200167|LO|Philips Imaging DD 002
        200168|LO|Philips Imaging DD 002
        20016b|LO|Philips Imaging DD 002
        200171|CS|Philips Imaging DD 002
        200172|FL|Philips Imaging DD 002
        200173|FL|Philips Imaging DD 002
        200174|LO|Philips Imaging DD 002
        200175|SS|Philips Imaging DD 002
        200101|SQ|Philips Imaging DD 097
        200102|FD|Philips Imaging DD 097
        200103|FD|Philips Imaging DD 097
        200104|FD|Philips Imaging DD 097
        200105|SQ|Philips Imaging DD 097
        200106|SQ|Philips Imaging DD 097
        200107|FD|Philips Imaging DD 097
        200108|SQ|Philips Imaging DD 097
        20010a|SQ|Philips Imaging DD 097
        20010b|SQ|Philips Imaging DD 097
        20010d|FD|Philips Imaging DD 097
        20010e|SQ|Philips Imaging DD 097
        20010f|FD|Philips Imaging DD 097
        200112|SQ|Philips Imaging DD 097
        200117|US|Philips Imaging DD 097
        200118|US|Philips Imaging DD 097
        200119|LO|Philips Imaging DD 097
        20011a|FD|Philips Imaging DD 097
        20011b|UL|Philips Imaging DD 097
        20011c|FD|Philips Imaging DD 097
        20011d|FD|Philips Imaging DD 097
        20011e|FD|Philips Imaging DD 097
        20011f|FD|Philips Imaging DD 097
        200121|UL|Philips Imaging DD 097
        200122|FD|Philips Imaging DD 097
        200123|FD|Philips Imaging DD 097
        200124|FD|Philips Imaging DD 097
        200125|FD|Philips Imaging DD 097
        200126|FD|Philips Imaging DD 097
        200127|FD|Philips Imaging DD 097
        200128|LO|Philips Imaging DD 097
        20012a|LO|Philips Imaging DD 097
        20012b|FD|Philips Imaging DD 097
        20012c|FD|Philips Imaging DD 097
        20012d|UL|Philips Imaging DD 097
        20012e|SQ|Philips Imaging DD 097
        20012f|OB|Philips Imaging DD 097
        200130|SL|Philips Imaging DD 097
        200131|SL|Philips Imaging DD 097
        200132|SL|Philips Imaging DD 097
        200136|LO|Philips Imaging DD 097
        200137|FD|Philips Imaging DD 097
        200138|FD|Philips Imaging DD 097
        200139|FD|Philips Imaging DD 097
        20013a|FD|Philips Imaging DD 097
        20013b|FD|Philips Imaging DD 097
        20013c|SQ|Philips Imaging DD 097
        20013d|FD|Philips Imaging DD 097
        20013e|SQ|Philips Imaging DD 097
        200140|UL|Philips Imaging DD 097
        200141|LO|Philips Imaging DD 097
        200142|SQ|Philips Imaging DD 097
        200144|LO|Philips Imaging DD 097
        200145|SL|Philips Imaging DD 097
        200146|LO|Philips Imaging DD 097
        200147|OB|Philips Imaging DD 097
        200149|SQ|Philips Imaging DD 097
        20014a|OB|Philips Imaging DD 097
        20014b|SL|Philips Imaging DD 097
        20014c|LO|Philips Imaging DD 097
        2001a1|CS|Philips Imaging DD 097
        2001a2|FD|Philips Imaging DD 097
        2001a3|FD|Philips Imaging DD 097
        2001a4|FD|Philips Imaging DD 097
        2001a5|FD|Philips Imaging DD 097
        2001a6|US|Philips Imaging DD 097
        2001a8|IS|Philips Imaging DD 097
        2001a9|SQ|Philips Imaging DD 097
        2001aa|FD|Philips Imaging DD 097
        2001ab|IS|Philips Imaging DD 097
        200100|SQ|Philips Imaging DD 129
        200101|SQ|Philips Imaging DD 129
        200102|SQ|Philips Imaging DD 129
        200103|UL|Philips Imaging DD 129
        200104|SQ|Philips Imaging DD 129
        200105|FD|Philips Imaging DD 129
        200106|FD|Philips Imaging DD 129
        200107|CS|Philips Imaging DD 129
        200108|CS|Philips Imaging DD 129
        200109|UL|Philips Imaging DD 129
        002501|OW|Philips ST80i
        00190C|IS|SIEMENS MR HEADER
        00190D|CS|SIEMENS MR HEADER
        00190E|FD|SIEMENS MR HEADER
        001927|FD|SIEMENS MR HEADER
        004339|IS|GEMS_PARM_01
        00436F|DS|GEMS_PARM_01
        002507|SL|GEMS_SERS_01
        7E0101|LO|HOLOGIC, Inc.
        7E0102|SH|HOLOGIC, Inc.
        7E0110|SQ|HOLOGIC, Inc.
        7E0111|SQ|HOLOGIC, Inc.
        7E0112|OB|HOLOGIC, Inc.
        009901|UI|NQHeader
        009902|UI|NQHeader
        009904|SS|NQHeader
        009905|LT|NQHeader
        009910|FL|NQHeader
        009920|SH|NQHeader
        009921|FL|NQHeader
        019901|FL|NQLeft
        019902|FL|NQLeft
        019903|FL|NQLeft
        019904|FL|NQLeft
        019905|FL|NQLeft
        019906|FL|NQLeft
        019907|FL|NQLeft
        019908|FL|NQLeft
        019909|FL|NQLeft
        01990a|FL|NQLeft
        01990b|FL|NQLeft
        01990c|FL|NQLeft
        01990d|FL|NQLeft
        01990e|FL|NQLeft
        01990f|FL|NQLeft
        019910|FL|NQLeft
        019911|FL|NQLeft
        019912|FL|NQLeft
        019913|FL|NQLeft
        019914|FL|NQLeft
        019915|FL|NQLeft
        019916|FL|NQLeft
        029901|FL|NQRight
        029902|FL|NQRight
        029903|FL|NQRight
        029904|FL|NQRight
        029905|FL|NQRight
        029906|FL|NQRight
        029907|FL|NQRight
        029908|FL|NQRight
        029909|FL|NQRight
        02990a|FL|NQRight
        02990b|FL|NQRight
        02990c|FL|NQRight
        02990d|FL|NQRight
        02990e|FL|NQRight
        02990f|FL|NQRight
        029910|FL|NQRight
        029911|FL|NQRight
        029912|FL|NQRight
        029913|FL|NQRight
        029914|FL|NQRight
        029915|FL|NQRight
        029916|FL|NQRight
        20050D|FL|Philips MR Imaging DD 001
        20050E|FL|Philips MR Imaging DD 001
        011900|LO|SIEMENS Ultrasound SC2000
        011901|OB|SIEMENS Ultrasound SC2000
        011902|SQ|SIEMENS Ultrasound SC2000
        011903|SQ|SIEMENS Ultrasound SC2000
        011904|OB|SIEMENS Ultrasound SC2000
        011905|UL|SIEMENS Ultrasound SC2000
        011906|UL|SIEMENS Ultrasound SC2000
        011907|UL|SIEMENS Ultrasound SC2000
        011908|UL|SIEMENS Ultrasound SC2000
        011909|SS|SIEMENS Ultrasound SC2000
        011910|SH|SIEMENS Ultrasound SC2000
        011911||SIEMENS Ultrasound SC2000
        011912||SIEMENS Ultrasound SC2000
        011913|IS|SIEMENS Ultrasound SC2000
        011921|SH|SIEMENS Ultrasound SC2000
        012900|SQ|SIEMENS Ultrasound SC2000
        012902|UI|SIEMENS Ultrasound SC2000
        012903||SIEMENS Ultrasound SC2000
        012904||SIEMENS Ultrasound SC2000
        012905||SIEMENS Ultrasound SC2000
        012906|SQ|SIEMENS Ultrasound SC2000
        012907|UI|SIEMENS Ultrasound SC2000
        012908|OB|SIEMENS Ultrasound SC2000
        012909|SQ|SIEMENS Ultrasound SC2000
        012910|OB|SIEMENS Ultrasound SC2000
        012911|SQ|SIEMENS Ultrasound SC2000
        012912|UI|SIEMENS Ultrasound SC2000
        012920|SQ|SIEMENS Ultrasound SC2000
        012921|OB|SIEMENS Ultrasound SC2000
        012922|OB|SIEMENS Ultrasound SC2000
        012929|OB|SIEMENS Ultrasound SC2000
        012930|CS|SIEMENS Ultrasound SC2000
        013901|SL|SIEMENS Ultrasound SC2000
        014901|FD|SIEMENS Ultrasound SC2000
        014902|FD|SIEMENS Ultrasound SC2000
        014903|FD|SIEMENS Ultrasound SC2000
        7FD101|OB|SIEMENS Ultrasound SC2000
        7FD109|UI|SIEMENS Ultrasound SC2000
        7FD110|OB|SIEMENS Ultrasound SC2000
        7FD111|OB|SIEMENS Ultrasound SC2000
        7FD101|OB|SIEMENS SYNGO ULTRA-SOUND TOYON DATA STREAMING
        7FD109|UI|SIEMENS SYNGO ULTRA-SOUND TOYON DATA STREAMING
        7FD110|OB|SIEMENS SYNGO ULTRA-SOUND TOYON DATA STREAMING
        7FD111|OB|SIEMENS SYNGO ULTRA-SOUND TOYON DATA STREAMING
        """#
}
