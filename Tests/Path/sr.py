"""A report as a remote reader's workstation would write it, by highdicom's content items."""

import ssl

import highdicom
from highdicom.sr import (
    CodedConcept, ContainerContentItem, EnhancedSR, ImageContentItem, RelationshipTypeValues, TextContentItem,
)
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE


def basic_report(images, text):
    """An Enhanced SR, complete and verified, about all of the images; it names the patient's number in its text."""
    first = images[0]
    inside = [
        TextContentItem(
            name=CodedConcept("121071", "DCM", "Finding"), value=f"Patient {first.PatientID}: {text}",
            relationship_type=RelationshipTypeValues.CONTAINS),
        ImageContentItem(
            name=CodedConcept("121112", "DCM", "Source of Measurement"),
            referenced_sop_class_uid=first.SOPClassUID, referenced_sop_instance_uid=first.SOPInstanceUID,
            relationship_type=RelationshipTypeValues.CONTAINS),
    ]
    findings = ContainerContentItem(
        name=CodedConcept("121070", "DCM", "Findings"), relationship_type=RelationshipTypeValues.CONTAINS)
    findings.ContentSequence = highdicom.sr.ContentSequence(inside)
    root = ContainerContentItem(name=CodedConcept("18748-4", "LN", "Diagnostic imaging study"))
    root.ContentSequence = highdicom.sr.ContentSequence([findings])
    return EnhancedSR(
        evidence=images, content=root, series_instance_uid=highdicom.UID(), series_number=901,
        sop_instance_uid=highdicom.UID(), instance_number=1, manufacturer="Path test", is_complete=True,
        is_final=True, is_verified=True, institution_name="Reading abroad",
        verifying_observer_name="Reader^Remote", verifying_organization="Reading abroad")


def push_report(site, report):
    """C-STORE over mutual TLS, as the reader."""
    certificate, key, trusted = site.peer_tls("reader")
    context = ssl.create_default_context(cafile=str(trusted))
    context.check_hostname = False
    context.load_cert_chain(str(certificate), str(key))
    ae = AE(ae_title=site.reader_aet)
    ae.add_requested_context(report.SOPClassUID, ExplicitVRLittleEndian)
    association = ae.associate("127.0.0.1", site.tls_port, ae_title=site.gateway_aet, tls_args=(context, None))
    assert association.is_established
    assert association.send_c_store(report).Status == 0
    association.release()
