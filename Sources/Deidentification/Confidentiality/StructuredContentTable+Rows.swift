// DICOM PS3.15 2026c Table E.3.4-1 "Clean Structured Content Option Content Item Concept Name Codes", © NEMA: the facts.

extension StructuredContentTable {
    /// One row a line: code | scheme | value type | retired, in a standard template | basic profile | the option columns
    /// UIDs, device, institution, patient characteristics, full dates, modified dates, descriptors | meaning.
    static let source = #"""
        121022|DCM|TEXT|NY|X||||||||Accession Number
        113795|DCM|IMAGE|NY|D|K|||||||Acquired Image
        126201|DCM|DATE|NY|X|||||K|C||Acquisition Date
        130884|DCM|DATETIME|NY|X|||||K|C||Acquisition DateTime
        125203|DCM|TEXT|NY|X|||||||C|Acquisition Protocol
        126202|DCM|TIME|NY|X|||||K|C||Acquisition Time
        C67447|NCIt|TEXT|NY|X|||||||C|Activity Session
        440252007|SCT|TEXT|NY|D|||||||C|Administration of radiopharmaceutical
        15|NCDR [2.0b]|DATETIME|NY|X|||||K|C||Admission DateTime
        112050|DCM|TEXT|NY|X|||||||C|Anatomic Identifier
        398164008|SCT|DATETIME|NY|X|||||K|C||Anesthesia Finish Time
        398325003|SCT|DATETIME|NY|X|||||K|C||Anesthesia Start Time
        121080|DCM|IMAGE|NY|X|K|||||||Best illustration of finding
        121080|DCM|WAVEFORM|NY|X|K|||||||Best illustration of finding
        113723|DCM|DATETIME|NY|D|||||K|C||Calibration DateTime
        113720|DCM|TEXT|NY|X|||||||C|Calibration Protocol
        113724|DCM|TEXT|NY|D|||||||C|Calibration Responsible Party
        76|NCDR [2.0b]|PNAME|NY|D||||||||Catheterization Operator
        121120|DCM|COMPOSITE|NY|X|K|||||||Cath Lab Procedure Log
        371524004|SCT|COMPOSITE|NY|X|K|||||||Clinical Report
        371524004|SCT|TEXT|NY|X|||||||C|Clinical Report
        121106|DCM|TEXT|NY|X|||||||C|Comment
        116224001|SCT|TEXT|NY|X|||||||C|Complication of Procedure
        112347|DCM|TEXT|NY|D||||||||Component ID
        121077|DCM|TEXT|NY|X|||||||C|Conclusion
        111018|DCM|DATE|NY|X/D|||||K|C||Content Date
        111019|DCM|TIME|NY|X/D|||||K|C||Content Time
        122073|DCM|COMPOSITE|NY|X|K|||||||Current procedure evidence
        11955-2|LN|DATE|NY|X|||||K|C||Date of last menstrual period
        121431|DCM|DATETIME|NY|X|||||K|C||DateTime Concern Noted
        121432|DCM|DATETIME|NY|X|||||K|C||DateTime Concern Resolved
        111527|DCM|DATETIME|NY|X|||||K|C||DateTime Ended
        122165|DCM|DATETIME|NY|X|||||K|C||DateTime of Death
        122105|DCM|DATETIME|NY|X|||||K|C||DateTime of Intervention
        111536|DCM|DATETIME|NY|X|||||K|C||DateTime of last evaluation
        111702|DCM|DATETIME|NY|X|||||K|C||DateTime of processing
        121125|DCM|DATETIME|NY|X|||||K|C||DateTime of Recording of Log Entry
        111535|DCM|DATETIME|NY|X|||||K|C||DateTime problem observed
        121433|DCM|DATETIME|NY|X|||||K|C||DateTime Problem Resolved
        111526|DCM|DATETIME|NY|X/D|||||K|C||DateTime Started
        112363|DCM|TEXT|NY|D||||||||Degree of Freedom ID
        112357|DCM|UIDREF|NY|D|K|||||||Derived Fiducial
        112373|DCM|COMPOSITE|NY|X|K|||||||Derived Planning Data
        112372|DCM|COMPOSITE|NY|X|K|||||||Derived Planning Images
        111021|DCM|TEXT|NY|X|||||||C|Description of Change
        121145|DCM|TEXT|NY|X|||||||C|Description of Material
        120999|DCM|TEXT|NY|X||K||||||Device Description
        113877|DCM|TEXT|NY|X||K||||||Device Name
        121013|DCM|TEXT|NY|X||K||||||Device Observer Name
        121017|DCM|TEXT|NY|X|||K|||||Device Observer Physical Location During Observation
        121016|DCM|TEXT|NY|X||K||||||Device Observer Serial Number
        121012|DCM|UIDREF|NY|X/D|K|K||||||Device Observer UID
        113880|DCM|TEXT|NY|X/D||K||||||Device Serial Number
        121193|DCM|TEXT|NY|D||K||||||Device Subject Name
        121197|DCM|TEXT|NY|X|||K|||||Device Subject Physical Location during observation
        121196|DCM|TEXT|NY|X||K||||||Device Subject Serial Number
        121198|DCM|UIDREF|NY|X|K|K||||||Device Subject UID
        122163|DCM|DATETIME|NY|X|||||K|C||Discharge DateTime
        121342|DCM|IMAGE|NY|X|K|||||||Dose Image
        122083|DCM|TEXT|NY|X/D|||||||C|Drug administered
        122082|DCM|DATETIME|NY|X|||||K|C||Drug end
        122081|DCM|DATETIME|NY|X|||||K|C||Drug start
        271921002|SCT|TEXT|NY|X/D|||||||C|ECG Finding
        11778-8|LN|DATE|NY|X|||||K|C||EDD
        113810|DCM|DATETIME|NY|D|||||K|C||End of X-Ray Irradiation
        121122|DCM|TEXT|NY|X||K|||||C|Equipment Identification
        128429|DCM|UIDREF|NY|D|K|||||||Event UID Used
        C54627|NCIt|NUM|NY|X||||||||Experience
        121088|DCM|PNAME|NY|X||||||||Fellow
        11951-1|LN|TEXT|NY|D||||||||Fetus ID
        121021|DCM|TEXT|NY|X||||||||Filler Number
        121071|DCM|TEXT|NY|X/D|||||||C|Finding
        363698007|SCT|TEXT|NY|D|||||||C|Finding Site
        112227|DCM|UIDREF|NY|X/D|K|||||||Frame of Reference UID
        127857|DCM|DATE|NY|D|||||K|C||Glucose Measurement Date
        127858|DCM|TIME|NY|D|||||K|C||Glucose Measurement Time
        11329-0|LN|TEXT|NY|X|||||||C|History
        130527|DCM|TEXT|NY|D|||K|||||Identification of the Attenuator
        113832|DCM|TEXT|NY|D||K||||||Identification of the X-Ray Source
        125010|DCM|TEXT|NY|X||||||||Identifier
        128775|DCM|TEXT|NY|X||||||||Identifier within Person Observer's Role
        112229|DCM|IMAGE|NY|D|K|||||||Identifying Segment
        125201|DCM|IMAGE|NY|X|K|||||||Illustration of Finding
        121200|DCM|IMAGE|NY|X|K|||||||Illustration of ROI
        121138|DCM|IMAGE|NY|D|K|||||||Image Acquired
        122712|DCM|DATETIME|NY|D|||||K|C||Imaging Start DateTime
        112366|DCM|COMPOSITE|NY|X|K|||||||Implant Assembly Template
        111033|DCM|TEXT|NY|D|||||||C|Impression Description
        18785-6|LN|TEXT|NY|D|||||||C|Indications for Procedure
        121154|DCM|TEXT|NY|D||||||||Intervention attempt identifier
        113850|DCM|PNAME|NY|D||||||||Irradiation Authorizing
        113605|DCM|TEXT|NY|X||||||||Irradiation Event Label
        113769|DCM|UIDREF|NY|D|K|||||||Irradiation Event UID
        110190|DCM|TEXT|NY|X||||||||Issuer of Identifier
        111706|DCM|TEXT|NY|X||||||||Issuer of Parent Specimen Identifier
        111724|DCM|TEXT|NY|X||||||||Issuer of Specimen Identifier
        113012|DCM|TEXT|NY|X|||||||C|Key Object Description
        18118-0|LN|TEXT|NY|X|||||||C|LV Wall Motion Segmental Findings
        112371|DCM|COMPOSITE|NY|D|K|||||||Manufacturer Implant Template
        112352|DCM|TEXT|NY|D||||||||Mating Feature ID
        112351|DCM|TEXT|NY|D||||||||Mating Feature Set ID
        111516|DCM|TEXT|NY|X|||||||C|Medication Type
        121036|DCM|PNAME|NY|X||||||||Mother of fetus
        113873|DCM|TEXT|NY|X|||K|||||Organization Name
        111040|DCM|COMPOSITE|NY|D|K|||||||Original Source
        111705|DCM|TEXT|NY|D||||||||Parent Specimen Identifier
        112361|DCM|COMPOSITE|NY|X|K|||||||Patient Data Used During Planning
        112354|DCM|IMAGE|NY|X|K|||||||Patient Image
        113815|DCM|TEXT|NY|D|||||||C|Patient Model
        121110|DCM|TEXT|NY|X|||||||C|Patient Presentation
        128425|DCM|COMPOSITE|NY|X|K|||||||Patient Radiation Dose Model Data
        128425|DCM|IMAGE|NY|X|K|||||||Patient Radiation Dose Model Data
        128425|DCM|UIDREF|NY|X|K|||||||Patient Radiation Dose Model Data
        128426|DCM|TEXT|NY|X|||||||C|Patient Radiation Dose Model Reference
        109054|DCM|TEXT|NY|X|||||||C|Patient State
        122128|DCM|TEXT|NY|X|||K|||||Patient Transferred From
        121126|DCM|UIDREF|NY|D|K|||||||Performed Procedure Step SOP Instance UID
        121114|DCM|PNAME|NY|D||||||||Performing Physician
        121152|DCM|PNAME|NY|X||||||||Person administering drug/contrast
        113871|DCM|TEXT|NY|X||||||||Person ID
        113872|DCM|TEXT|NY|X||||||||Person ID Issuer
        113870|DCM|PNAME|NY|D||||||||Person Name
        128774|DCM|TEXT|NY|X||||||||Person Observer's Login Name
        121009|DCM|TEXT|NY|X|||K|||||Person Observer's Organization Name
        121008|DCM|PNAME|NY|D||||||||Person Observer Name
        121173|DCM|TEXT|NY|X|||||||C|Physician Note
        121020|DCM|TEXT|NY|X||||||||Placer Number
        113516|DCM|TEXT|NY|X||||||||Prescription Identifier
        122075|DCM|COMPOSITE|NY|X|K|||||||Prior report for current patient
        121124|DCM|TEXT|NY|X/D||||||||Procedure Action ID
        122146|DCM|DATETIME|NY|X/D|||||K|C||Procedure DateTime
        52|NCDR [2.0b]|DATETIME|NY|D|||||K|C||Procedure DateTime
        121065|DCM|TEXT|NY|X/D|||||||C|Procedure Description
        53|NCDR [2.0b]|TEXT|NY|X||||||||Procedure Number in this admission
        122177|DCM|TEXT|NY|X|||||||C|Procedure Result
        121019|DCM|UIDREF|NY|X|K|||||||Procedure Study Component UID
        121018|DCM|UIDREF|NY|X|K|||||||Procedure Study Instance UID
        122701|DCM|DATETIME|NY|X|||||K|C||Procedure Time Base
        111703|DCM|TEXT|NY|X|||||||C|Processing step description
        126071|DCM|TEXT|NY|X|||||||C|Protocol Time Point Identifier
        128230|DCM|TEXT|NY|X|||||||C|Pulse Sequence Name
        121002|DCM|COMPOSITE|NY|D|K|||||||Quoted Source
        128436|DCM|COMPOSITE|NY|D|K|||||||Radiation Dose Composite Parameters
        128403|DCM|TEXT|NY|D|||||||C|Radiation Dose Estimate Name
        128414|DCM|COMPOSITE|NY|D|K|||||||Radiation Dose Representation Data
        128414|DCM|IMAGE|NY|D|K|||||||Radiation Dose Representation Data
        113514|DCM|TEXT|NY|X||||||||Radionuclide Identifier
        113503|DCM|UIDREF|NY|D|K|||||||Radiopharmaceutical Administration Event UID
        113511|DCM|TEXT|NY|X||||||||Radiopharmaceutical Dispense Unit Identifier
        113512|DCM|TEXT|NY|X||||||||Radiopharmaceutical Lot Identifier
        123003|DCM|DATETIME|NY|X/D|||||K|C||Radiopharmaceutical Start DateTime
        123004|DCM|DATETIME|NY|X|||||K|C||Radiopharmaceutical Stop DateTime
        130507|DCM|TEXT|NY|X|||||||C|RDSR Frame of Reference Description
        113513|DCM|TEXT|NY|X||||||||Reagent Vial Identifier
        126100|DCM|COMPOSITE|NY|X|K|||||||Real World Value Map used for measurement
        113907|DCM|TEXT|NY|X|||||||C|Reason for Proceeding
        113552|DCM|TEXT|NY|X|||||||C|Recent Physical Activity
        121075|DCM|TEXT|NY|X|||||||C|Recommendation
        111054|DCM|DATE|NY|X/D|||||K|C||Recommended Follow-up Date
        121191|DCM|IMAGE|NY|X/D|K|||||||Referenced Segment
        121214|DCM|IMAGE|NY|D|K|||||||Referenced Segmentation Frame
        112364|DCM|COMPOSITE|NY|X|K|||||||Related Patient Data Not Used During Planning
        121121|DCM|TEXT|NY|X||||||||Room Identification
        111469|DCM|DATETIME|NY|D|||||K|C||Sampling DateTime
        111058|DCM|TEXT|NY|D|||||||C|Selected Region Description
        131561|DCM|DATE|NY|X|||||K|C||Series Date
        131563|DCM|TEXT|NY|X|||||||C|Series Description
        131562|DCM|TIME|NY|X|||||K|C||Series Time
        112002|DCM|UIDREF|NY|D|K|||||||Series Instance UID
        113985|DCM|UIDREF|NY|D|K|||||||Series or Instance used for Water Equivalent Diameter estimation
        121434|DCM|TEXT|NY|X|||K|||||Service Delivery Location
        121435|DCM|PNAME|NY|X||||||||Service Performer
        121435|DCM|TEXT|NY|X||||||||Service Performer
        160476009|SCT|TEXT|NY|X|||||||C|Social History
        121233|DCM|IMAGE|NY|D|K|||||||Source image for segmentation
        121112|DCM|IMAGE|NY|D|K|||||||Source of Measurement
        121112|DCM|WAVEFORM|NY|X|K|||||||Source of Measurement
        121232|DCM|UIDREF|NY|D|K|||||||Source series for segmentation
        128447|DCM|COMPOSITE|NY|X|K|||||||Spatial Fiducials
        112353|DCM|COMPOSITE|NY|X|K|||||||Spatial Registration
        128444|DCM|COMPOSITE|NY|D|K|||||||Spatial Registration Reference
        111700|DCM|TEXT|NY|X||||||||Specimen Container Identifier
        121041|DCM|TEXT|NY|X||||||||Specimen Identifier
        121039|DCM|UIDREF|NY|X|K|||||||Specimen UID
        128416|DCM|COMPOSITE|NY|D|K|||||||SR Instance Used
        398201009|SCT|DATETIME|NY|D|||||K|C||Start DateTime
        113809|DCM|DATETIME|NY|D|||||K|C||Start of X-Ray Irradiation
        110119|DCM|TEXT|NY|X||K||||||Station AE Title
        122173|DCM|DATETIME|NY|X|||||K|C||ST Elevation Onset DateTime
        397898000|SCT|DATETIME|NY|D|||||K|C||Stop DateTime
        109056|DCM|TEXT|NY|X|||||||C|Stress Protocol
        111060|DCM|DATE|NY|X/D|||||K|C||Study Date
        110180|DCM|UIDREF|NY|D|K|||||||Study Instance UID
        111061|DCM|TIME|NY|X/D|||||K|C||Study Time
        121033|DCM|NUM|NY|X||||K||||Subject Age
        121031|DCM|DATE|NY|X||||||||Subject Birth Date
        121030|DCM|TEXT|NY|X/D||||||||Subject ID
        121029|DCM|PNAME|NY|D||||||||Subject Name
        121032|DCM|CODE|NY|X||||K||||Subject Sex
        126070|DCM|TEXT|NY|X|||||||C|Subject Time Point Identifier
        121028|DCM|UIDREF|NY|X|K|||||||Subject UID
        121111|DCM|TEXT|NY|X|||||||C|Summary
        112359|DCM|COMPOSITE|NY|X|K|||||||Supporting Information
        130885|DCM|UIDREF|NY|X|K|||||||Synchronization Frame of Reference UID
        C2348792|UMLS|TEXT|NY|X/D|||||||C|Time Point
        112040|DCM|UIDREF|NY|D|K|||||||Tracking Unique Identifier
        74711-3|LN|TEXT|NY|X||K||||||Unique Device Identifier
        121000|DCM|CONTAINER|NY|X||K||||||Unique Device Identifiers
        112356|DCM|UIDREF|NY|D|K|||||||User Selected Fiducial
        121143|DCM|WAVEFORM|NY|D|K|||||||Waveform Acquired
        128470|DCM|COMPOSITE|NY|X|K|||||||X-Ray Attenuator Model Data
        128470|DCM|IMAGE|NY|X|K|||||||X-Ray Attenuator Model Data
        128470|DCM|UIDREF|NY|X|K|||||||X-Ray Attenuator Model Data
        113701|DCM|COMPOSITE|NY|X|K|||||||X-Ray Radiation Dose Report
        """#
}
