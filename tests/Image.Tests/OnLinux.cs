using System.Runtime.Versioning;

// Images are made on Linux, and file modes are what some of these tests are about.
[assembly: SupportedOSPlatform("linux")]
