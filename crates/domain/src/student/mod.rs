//! A registered applicant and its public id.

mod id;
mod student;

pub use self::{
    id::{ParseStudentIdError, StudentId},
    student::Student,
};
