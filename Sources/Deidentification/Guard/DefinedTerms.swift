// Words of the defined terms and enumerated values that CS attributes hold (PS3.3, PS3.16 Annex L).

/// A patient may be called what a coded value is called. In CS, and nowhere else, such a word is no alarm: it would be
/// there whoever the patient were.
enum DefinedTerms {
    /// In lower case.
    static func contains(_ word: String) -> Bool { all.contains(word) }

    private static let all = Set((image + " " + body).split(whereSeparator: \.isWhitespace).map(String.init))

    /// Image types, orientations, sequence and acquisition terms, and those of vendors that image types carry.
    private static let image = """
        acquired actual adapted add all angle anterior approved area ascending automatic axial band bilateral biplane
        black blade body bone both breast bsp butterfly center central cine circle circular clinical coarse code coil
        col collimator color complete composite constant contrast corrected count cranial csa csaparallel cube
        cylinder dark decay default derived descending detector diag digital dir dis2d discrete double drr dual dynamic
        echo ecg elastic ellipse elliptical energy enhanced epi even exact exp external female ffe ffp ffs field fil
        filtered fine first fisp fixed flair flash flow fluoro foot frame free full fused gauss gradient grappa
        graphic grid head helical helix hfp hfs high hold hor image infinite info injected inside integral inverse
        iso label labelmap last lateral layer lead left level lin linear live localizer long lossless lossy low lut
        main male man manual map mask max maximum mean measured median method mfsplit min minimum minmax mixed mode per
        nerve stim
        modulation mono monochrome mosaic motion mpr multi ncorr nearest neg negative new none norm normal not nuclear
        odd off open original oval overlay paired palette parallel park partial pat patient peak perfusion phantom
        phase pine plan planar plane plus point port pos positive posterior prep primary prone proton pulse pure
        quantity rad radial raw real rect rectangular ref reference regular resampled rest rgb right ring roi rose
        rot sag sat saturation scan screen secondary seg segment selected sense series set sharp sherman sin single
        site slice smooth som source spatial spi spin spiral spoiled static steady still stress style subtracted
        supine surview synthetic table target text the thin time tof tomo tor total trace transverse true unipolar
        unit unknown upright user val value variable vector velocity view vol volume water wave waveform west window
        yes zero
        """

    /// Body Part Examined, compound ones above all.
    private static let body = """
        abdo abdom abdomen abdomenpelvis adrenal aircell ankle aorta arm bladder brain calcaneus calf carotid
        cerebellum cervix cheek chest chestabdomen chestabdpelvis choroid cirwillis clavicle coccyx colon cornea
        corarteries cspine ctspine duodenum ear elbow esophagus extremity eye eyelid face femur finger foot
        gallbladder hand head headneck heart hip humerus iac ileum ilium jaw jejunum kidney knee larynx leg liver
        lowerextremity lowerlimb lowerleg lspine lsspine lumbarspine lung mandible maxilla mediastinum mouth mult
        muscle neck neckchest neckchestabdomen neckchestabdpelv nose orbit ovary pancreas parotid patella pelvis
        penis pharynx prostate rectum rib scalp scapula sclera scrotum shoulder sijoint skull spinal spine spleen
        sspine sternum stomach submandibular tailbone testis thigh thorax thumb thymus thyroid tibia tibfib tlspine
        toe tongue trachea tspine ureter urethra uterus vagina vulva wholebody whole wrist zygoma
        """
}
