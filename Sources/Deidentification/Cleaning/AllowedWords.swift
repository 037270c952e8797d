// The words that may stay when a description is cleaned: Swedish, English and German anatomy, examinations, protocols,
// phases and contrast media. Everything that is not here, and not a number or a technical token, is dropped.

/// Words are in lower case. A site's own protocol names become shorter, never longer: that is the price of a list that
/// cannot hold a name by accident. Words that are also given names (Max, Mark, Blade) stay out of doubt's way by the rule
/// that a word after a title is dropped, and by the patient's own names being dropped in any case.
enum AllowedWords {
    static func contains(_ word: String) -> Bool { all.contains(word) }

    static let all = Set(
        [anatomy, modality, protocols, reports, judgements, short, agents, indications].joined(separator: " ").split(
            whereSeparator: \.isWhitespace
        ).map(
            String.init))

    /// Body parts and tissues.
    private static let anatomy = """
        abdo abdomen abdomens abdominal abdominell adrenal adrenals airway airways anal ankle ansikte anus aorta
        aortabåge aortenbogen aortic appendix arm armar armbage armbåge arms arteria arterial arterie arteriell
        arterien arteries artery atrium auditory auge axel axlar back backen bandscheibe basal bauch becken bein
        beine ben bihåla bihålor bile biliary binjurar binjure bladder blase blåsa body bone bones bowel brain
        brainstem breast breasts bronch bronchial bronk brost brostrygg brust bröst bröstben bröstrygg buk buken
        bukens bukspottkörtel bwk bws bäcken bål calcaneus callosum canal cardiac cardio carotid carotis carpus
        cerebellum cerebral cerebri cerebrum cervical cervicalis cervikal clavicle clavicula coccyx colon
        cord coronaries coronary corpus costae cpa cranial cranium darm daumen dental diafragma diaphragm dickdarm
        disc disk duodenum dünndarm ear elbow ellenbogen esofagus esophagus extremitet extremiteter extremities
        extremity extremität eye face facial farynx fat feet femoral femoralis femur fetal fett fetus fibula finger
        fingers fingrar foot forearm foster fot fotled fuss fuß fötter gallbladder gallblåsa gallväg gallvägar
        ganglia ganzkörper gehirn gelenk gesicht gut hals halsrygg hand handgelenk handled handleder hands head
        heart helkropp hepar hepatic hepatisk herz hip hippocampus hips hjarna hjarta hjärna hjärnan hjärnstam
        hjärta hoft hofte hud humerus huvud hwk hws hypofys häl hände händer höft höfter hüfte iac ileum iliac
        iliaca iliacus inguinal internal jejunum joint joints kake kardiell karotid karotis kidney kidneys kiefer
        klaff kna knee knees knie knochen knä kolon kopf koronar koronarien kota kotor kraniell kranium kranskärl
        kropp käke körper landrygg larynx leber led leder leg leiste lever liver livmoder ljumske lower luftvägar
        lumbal lumbalis lumbar lumbosacral lung lunga lunge lungen lungor lungs lwk lws lymf lymfkörtlar lymph
        lymphatic ländrygg lår magen magsäck mamma mammae mammo mandible mandibula mastoid maxilla meatus
        mediastinal mediastinum milz mjukdelar mjälte muscle muscles muskel myelon myocard myocardium myokard nacke
        nebenniere neck nedre nerv nerve nerves niere nieren njurar njure nnh node nodes nyckelben oberarm oberbauch
        obere oberschenkel oesophagus oga orbit orbita orbitae orbits ore os ossa ovarier ovarium ovary pancreas
        pankreas paranasal parotis patella pelvic pelvis pericardium perikard peritoneum pharynx pituitary placenta
        pleura plexus poplitea popliteal porta portal prostata prostate pulm pulmonalis pulmonary pulmonell radius
        rectal rectum rektum ren renal retroperitoneum revben rib ribs rippen rumpf runoff rygg ryggmärg ryggrad
        rücken sacral sacroiliac sacrum sakral sakrum salivary scapula schaedel schilddrüse schulter schädel scrotum
        sella septum shoulder si sinus sinusar sinuses skalle skeletal skeleton skelett skin skrotum skulderblad
        skuldra skull sköldkörtel soft spinal spine spleen spottkörtel sprunggelenk sternum stomach tand tarm tarmar
        teeth temporal temporalben testikel testis thigh thoracic thoraco thoracolumbar thorakal thorax thumb thx
        thyroid tibia tinning tissue tmj toe toes tooth total trachea trakea trunk tumme tyreoidea tänder tå tår
        ulna underarm underben unterarm unterbauch untere unterschenkel upper ureter urethra uretra uretär urinary
        urinblåsa urinväg urinvägar uterus valve vein veins ven vena venen venos venous ventricle ventricular
        ventrikel venös vertebra vertebrae vertebral vertebralis vrist weichteile whole wholebody wirbel
        wirbelsäule wrist zahn zehe zehen zwerchfell öga ögon öra överarm överarmen övre
        """

    /// Kinds of examination.
    private static let modality = """
        cta
        angio angiografi angiogram angiographie angiography arthrografi arthrography artrografi cbct colonography
        colonoscopy computed computertomografi computertomographie cr ct cta ctp ctv cystografi cystography
        datortomografi dexa dr dsa dt dx dxa enterografi enterography enteroklys flebografi fluoroscopy fluoroskopi
        genomlysning io kolografi koloskopi konventionell magnetic magnetkamera magnetresonans magnetresonanz
        mammografi mammographie mammography mg mr mra mrcp mri mrs mrt mrv myelografi myelography nm perfusion
        perfusions pet petct phlebography pt px radiografi radiography resonance rf roentgen rontgen rx röntgen
        scint scintigrafi scintigraphy skint skintigrafi sono sonografi spect spectct szintigraphie tomo tomografi
        tomographie tomography tomosyntes tomosynthesis ultraljud ultrasound urografi urographie urography us
        venografi venography xa xr xray
        """

    /// Planes, positions, phases, contrast media, sequences, reconstructions, and the small words between them.
    private static let protocols = """
        a abduction abscess ac acq acquisition adc add additional addon adduction adenosin adenosine admire after
        aging aip air akut ammonia ammoniak and andetag andning aneurysm aneurysma angle ant anterior aortabuk
        aortailiaca ap apne apnea appendicit appendicitis arc array artefakt artifact artphase asir asirv asl asset
        atelectasis atelektas attenuation attenuationskorrektion av average avg ax axial axiala axials axialscan
        axialt axiell b0 barium bariumsulfat baseline basic bearing before beide belastad belastade belastning
        benartärer bffe bh bilat bilateral bilateralt bild bilden bilder biopsi biopsy bis blade bleeding blutung
        blödning bold bolus boneplus both bottom bqml bravo breath breathhold breathing bukaorta bukläge buköversikt
        buscopan bvalue bvalues båda cal calibration cancer catheter caudal caudocranial cbf cbv cc chest
        cholecystitis cholin choline cin cine ciss clear clinical closed co coil colfa combined complete composed
        composing compression concrement contrast control cor coronal corrected cpr craniocaudal csi ctac cube
        curved das dat datscan dce de decubitus deep default degree degrees delay delayed den der derived dess
        detail dexter diagnostic diagnostik diastole diastolic dick diff difference diffusion direction dissection
        dissektion distal diverticulitis divertikulit dixon dlr dmsa dorsal dorsiflexion dorsoplantar dorsovolar dos
        dose dotarem dotatate dotatoc down dp drainage dränage dsc dti dtpa dual dv dwi dyn dynamic dynamisk dünn
        eadc early ecg edema edge eff effective efter ej ekg ekgs eller emboli embolism emergency emission energetic
        energy enh enhanced epi equilibrium erect evar exam examination excretory exercise exkretorisk exp
        expiration exspiration ext extension extern external extra fa fame fas faser fast fatsat fbp fdg ffe fiesta
        filter first fisp fl flair flash flex flexion fluor fmri follow followup fore fracture fraktur frakturer
        frame frames free fri from frontal frontalbild från fs fse full fused fusion fusionerad före förstoring gado
        gadolinium gadovist gallium gap gas gated gating gd ge glucagon grad grader graft grappa gre gsi haemorrhage
        half halskärl halv haste hel helical helrygg helryggs helt hematom hematoma hemorrhage high highres hires
        hjärnkärl hjärtlungor hoger hold hr hrct hydronefros hydronephrosis hö hög höger i idose ikke ileus im image
        images img implant implantat in increment indium inf infarct infarkt infection infektion inferior infiltrat
        infiltrate inflammation initial inner inphase insp inspiration intern interval iodinated iodine iodixanol
        iohexol iomeprol iomeron iopamidol ir irse ischemi ischemia ischämie isotrop isotropic iterative iv ja jod
        jämvikt kalibr kalibrering karta kateter kein keine kernel kev klinisk km kolecystit kombinerad kompl
        komplett kompression konkrement kontrast kontrastmedel kontrastmittel kontroll kor koronal koronalt
        korrigerad kraniokaudal kv kvp lat late lateral lava le learning left level li liggande limited links ll lm
        loc localizer locator lokaliser lokalizer longbone longlength low lowdose lr luft lungemboli lungembolism
        lungröntgen luxation lying lymfom lymphoma lågdos ma maa mag3 magnification malignancy malignitet mannitol
        many map maps mar mas mask materialdecomp max mbir mean med medial median medic merge metal metall
        metastas metastaser metastases metastasis methionine mets mibg mibi mid middle min minip minut minutes mip
        mit mittel mitten mix mixed mjuk ml mlo monitoring mono monoenergetic mortise mouth mpr mprage mpvr mrac
        mrspec mtt multi multiphase multitrauma multivane mun nac nach nativ native natives nativt ned nedåt
        nefrografisk nej neoplasi neoplasm nephrographic neutral new njursten no non noncontrast nr num number ny
        nytt obl oblique obstruction obstruktion occlusion och ocklusion octreotide oder oedema of ohne omnipaque on
        only open opposed or oral original osem out outer outphase overlap overlay oversikt overview pa pancreatitis
        pankreatit parametric parenchymal pc pca pd pdfs pdw pe perf peroral phase phasen phases pitch plain plan
        planering planning plantar plus pneumoni pneumonia pneumothorax po polytrauma portalvenös portovenous
        portovenös post posterior pre premonitoring prep press primary primovist prior proj projection projektion
        prone propeller prospective prosthesis protes protocol protocols protokoll proximal psf psif psma puncture
        punktion pwi på qa qsm quick rcbf rcbv re rechts recon recons reconstruction reduction ref reference
        referens reformat reformatering reformats reformatted rekon rekonstruktion rektal rendering repeat repeated
        repetition res rest resting retrospective ri right riktning rl rot rotation routine rubidium rutin
        rutinbuk rutinthorax ryggläge safire sag sagitell sagittal sagittalt sagittell sammansatt sat scan scanogram
        schicht schichten scout scouts screen screening se sec second secondary seconds segment segments sek sekund
        sen sense sequence sequences sequential ser serie serien series sharp shim shimming shoot shunt sida side
        sidobild sin single sinister sittande sitting skan skanning skarp skelettscintigrafi skyline slice slices
        smart smartprep smash smooth snabb snabbt snitt snittad space spair spectral spectroscopy spektral
        spektroskopi spgr spir spiral spiralen spole spot ssd sse ssfse standard standing static statisk std steam
          stenos stenosis stent step stir stitched stitching stress stroke studie study stängd
        stående sub subs subtraction subtraktion sup superior supine supp suppressed suppression supraaortal surface
        survey surview suv svs swan swi swimmer systole systolic t1 t1fs t1w t1wi t2 t2fs t2w t2wi task tc99m
        technetium tensor test testbolus tfe thallium the thick thickness thin thoraxaorta thoraxbuk thrive
        thrombosis tidig till tillägg timing tirm tjock tjocka tjocklek tmax to tof top topo topogram tra trace
        tracew tracker trans transaxial transmission transversal transverse transversell trauma tricks triggad
        trigger triggered trombos truefisp trufi tse ttp tube tumor tumör tunn tunna tunnel twist uhr ultra ultralow
        ultravist uncorrected und undersokning undersökning unenhanced untersuchung up upp uppföljning uppåt upright
        utan ute utsöndring va vanster vatten vd venbold venphase ventral veo vibe view views vila vinkel virtual
        visipaque vista vmi vnc volar volume volumen volumetric volym von vor vr vrt vs vy vä vänster wasser water
        wb weight window with without yes zeff zte zu ödem öppen översikt
        """

    /// Words of reports that say what kind of thing follows.
    private static let reports = """
        abnormal absent acute anamnes area bedömning befund befunde beurteilung calcification chronic chronisch
        comparison conclusion conclusions cyst cysta cystor cysts decreased densitet density diameter document
        dokument effusion enlarged finding findings fluid fynd förkalkning förstorad grösse height history
        impression impressions increased indication indikation inga ingen ingenting jämförelse kalk kronisk large
        length lesion lesioner lesions lindrig liten marker mass measurement mild minskad moderate mätning måttlig
        nodul nodule nodules nontarget normal normala normale normalt oförändrad pathologic patologisk present
        procedure rapport recommendation reduced region rekommendation report roi sammanfattning severe size small
        stor storlek stort summary target technique teknik title u.a unchanged unremarkable uttalad vätska width
        ökad
        """

    /// Units, planes and orientations: transverse, sagittal and coronal, right and left, and so on.
    private static let short = "b mm cm ms ml mg kv s r l p h f t c d e y q v g al dm ds st"

    /// Contrast media and tracers by their trade names.
    private static let agents = """
        ablavar accupaque artirem artiscan cardiolite ceretec clariscan conray cysto cystografin definity dotagraf
        elucirem eovist feraheme feridex gadopiclenol gadobutrol gadoterat gadoxetat gastrografin gastromiro hexabrix
        imagopaque imeron ioversol isovue iopamiro iopromid iotrolan isovist lexiscan lipiodol lumason lumirem
        magnevist micropaque multihance myoview neurolite niopam omnigraf omniscan optiray optison oxilan pixxoscan
        primovist prohance psma1007 regadenoson resovist scanlux solutrast sonovue telebrix teslascan ultravist
        urografin vasovist visipaque vizamyl vueway xenetix
        """

    /// Questions and histories, as a remittent or a technician writes them.
    private static let indications = """
        abscesser acut adenom adenoma afasi aids akuta allergi allergic allergy allergier amputation anemi anemia
        angina arthritis arthros arthrosis artros ascites asthma astma ataxia aterosklerosis atherosclerosis bakteriell
        benign beinschmerzen bestrahlung biverkning blodtryck blutdruck bråck brustschmerz buksmärta buksmärtor bältros
        cerebrovaskulär cefalgi chemotherapy cirrhosis cirros claudicatio coagulopathy colitis collapse commotio
        confusion contusio contusion copd cough covid covid19 crohn cytostatika damaged demens dementia diabetes diarré
        diarrhea diplopi discitis diskbråck diskit diskus dizziness dyspnea dyspné efter epilepsi epilepsy
        extremitetssvaghet fall fallen feber fell fever fibros fibrosis fissur fistel fistula fokal fokala främmande
        föremål förlamning förlust gallsten gallstone gallstones gallstenar gikt glioblastom gliom glioma gravid gravida
        gravidity graviditet haematuria halskota halsryggsmärta headache hematuri hematuria hemipares hemiparesis
        hepatit hepatitis hernia herniation hjärtinfarkt hjärtsvikt hosta huvudvärk hydrocefalus hydrocephalus
        hypertension hypertoni hypotension höftfraktur höftsmärta icke icterus ikterus immunsupprimerad inflammatorisk
        injury insult intracerebral intrakraniell intrakraniella iskemi iskemisk jaundice karcinom carcinoma kemoterapi
        knäsmärta kol kopfschmerz kopfschmerzen kramper kreatinin kräkning kräkningar kärl leukemi leukemia
        ljumsksmärta luftvägsinfektion lumbago lungcancer lymfadenopati lymphadenopathy magsmärta malign maligna
        maligniteter massa medvetande medvetandesänkning medvetslös melanom melanoma meningeom meningioma meningit
        meningitis mitral muskelsvaghet myelom myeloma nackstel nausea nedsatt nefrit nephritis nephrolithiasis
        neurologi neurologic neurologisk neurologiska njursvikt numbness olycka op operation operationer opererad
        operated osteomyelit osteomyelitis osteoporos osteoporosis pain palsy paralysis parkinson pares paresis
        perforation perikardit pneumonit polyp polyper pregnancy pregnant progress progression prolaps psoriasis
        radiotherapy ramlat recidiv recurrence regress relapse reoperation resektion resection rheumatoid ruptur
        rupture ryggsmärta ryggsmärtor sarcoma sarkom schlaganfall schmerz schmerzen schwindel schwäche seizure
        seizures sepsis septic septisk skada skador skleros smoker smoking smärta smärtor spinalstenos spondylit stiff
        strålbehandling strålning stumhet sturz subarachnoid subarachnoidal subaraknoidal subdural subdurala
        suspicious svaghet svimmat svullen svullnad swelling swollen svårt syncope synkope synrubbning sår tia
        traumata trafikolycka transplant transplantation transplanterad trombolys trombektomi tuberculosis tuberkulos
        pilot precision projected rescaled score smartscore sms uncompressed
        ulcer ulcus unfall urolithiasis vertigo vomiting vändning värk warfarin waran weakness yrsel
        """

    /// Negation, doubt and the rest of what changes the meaning of the words beside it: a list without "not" would turn
    /// findings into their opposite.
    private static let judgements = """
        abd absence absent adult aldrig apex apical apparent avsaknad barn bas basal base baseline can cannot
        carotids child children cntrst coefficient comp con cont contr doppler echo echocardiogram echocardiography
        eko ekokardiografi eventuell eventuellt evidence exclude excluded factor free fri fria fråga frågeställning
        ikke information ingenting inget inte interleaved irreversible jpeg k kan kein keinem keinen keiner leg
        likely lossless lossy lut m mapping medellinje midline misstanke misstänks misstänkt mk multiframe möjlig
        möjligen negativ negativa negative neonatal never nicht not o obli oblq omniscan osannolikt paediatric
        pediatric possible possibly probable probably processing quality ratio remiss reversible rt sannolik
        sannolikt scaled segmentation shoulder stereo structure suspected suspekt suspicion svar tap tecken
        transesophageal u ua uk unclear unklar unlikely uteslut uteslutas utesluten utesluts verdacht voi vuxen w wo
        wwo
        """
}
